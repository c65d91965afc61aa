import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { acquireFileLock } from '../../../bootstrap/file-lock.cjs';
import { RungUnavailableError } from '../types';
import { PROGRAMS_DIR } from './cache-dir';
import { runCommand } from './run-command';

const FETCH_TIMEOUT_MS = 300_000;
const LOCK_WAIT_MS = 400_000;
const ATTEMPTS = 2;
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** What to download from Maven Central and where to store it. */
export interface MavenFetch {
  /** Finds Maven; called only when a download is needed. */
  readonly findMaven: () => string;
  /** Folder with pom.xml and checksums.sha256. */
  readonly recipeDir: string;
  /** Cache folder outside node_modules. */
  readonly cacheDir: string;
  /** Called only when a download starts. */
  readonly onDownload: () => void;
}

/**
 * Downloads the jars that a pom names into the cache and returns their folder. Maven verifies the repository's checksums
 * (`-C`). In addition every jar must match the SHA-256 in checksums.sha256, and no jar may be extra or missing.
 * The folder appears by one rename, so an interrupted download never counts as complete. Cached jars are
 * verified at every use, and damaged ones are downloaded again.
 */
export async function fetchJars(fetch: MavenFetch): Promise<string> {
  const target = jarsDirOf(fetch);
  if (isIntact(target, fetch.recipeDir)) return target;
  mkdirSync(fetch.cacheDir, { recursive: true });
  // Two Mavens must not write one local repository at once. A waiting command then reuses the result.
  const unlock = await acquireFileLock(join(fetch.cacheDir, '..', 'maven.lock'), { waitMs: LOCK_WAIT_MS });
  if (!unlock) throw new RungUnavailableError('another command has been downloading from Maven Central for too long');
  try {
    if (isIntact(target, fetch.recipeDir)) return target;
    fetch.onDownload();
    await download(fetch, target);
    return target;
  } finally {
    unlock();
  }
}

async function download(fetch: MavenFetch, target: string): Promise<void> {
  const maven = fetch.findMaven();
  const pins = readPins(fetch.recipeDir);
  const work = `${target}.part`;
  let problem = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    // Maven writes target/ beside the pom. Work on a copy, because the checkout may be read-only.
    cpSync(join(fetch.recipeDir, 'pom.xml'), join(work, 'pom.xml'));
    const args = ['-B', '-q', '-C', '-f', join(work, 'pom.xml'), `${PLUGIN}:copy-dependencies`];
    const result = await runCommand(maven, [...args, `-DoutputDirectory=${join(work, 'jars')}`], {
      cwd: work,
      // Maven looks for Java on the PATH, which may lack a Java that our own scripts installed.
      env: { PATH: [process.env['PATH'], PROGRAMS_DIR].filter(Boolean).join(delimiter) },
      timeoutMs: FETCH_TIMEOUT_MS,
    });
    if (result.code === 0) {
      verify(join(work, 'jars'), pins);
      rmSync(target, { recursive: true, force: true });
      renameSync(join(work, 'jars'), target);
      rmSync(work, { recursive: true, force: true });
      return;
    }
    problem = firstError(result.output);
    if (result.code === null) break;
  }
  rmSync(work, { recursive: true, force: true });
  throw new RungUnavailableError(`Maven Central cannot be reached (${problem})`);
}

/** The first line that Maven marks as an error, without its decoration. */
function firstError(output: string): string {
  const lines = output.trim().split('\n');
  const line = lines.find((candidate) => candidate.includes('[ERROR]')) ?? lines.at(-1) ?? 'no output';
  return line.replace('[ERROR]', '').trim().slice(0, 300);
}

/** Cache folder for a recipe's jars; its name depends on the pinned versions. */
function jarsDirOf({ recipeDir, cacheDir }: Pick<MavenFetch, 'recipeDir' | 'cacheDir'>): string {
  const pins = [...readPins(recipeDir)].flat().join('\n');
  return join(cacheDir, createHash('sha256').update(pins).digest('hex').slice(0, 12));
}

/** True when the cache has all jars of a recipe intact, so neither Maven nor the network is needed. */
export function areJarsCached(recipeDir: string, cacheDir: string): boolean {
  return isIntact(jarsDirOf({ recipeDir, cacheDir }), recipeDir);
}

/** True when every pinned jar is present with its checksum; other files are ignored. */
function isIntact(folder: string, recipeDir: string): boolean {
  try {
    return [...readPins(recipeDir)].every(([name, pin]) => sha256(join(folder, name)) === pin);
  } catch {
    return false;
  }
}

function readPins(recipeDir: string): Map<string, string> {
  const lines = readFileSync(join(recipeDir, 'checksums.sha256'), 'utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

function verify(folder: string, pins: ReadonlyMap<string, string>): void {
  const found = readdirSync(folder).sort();
  const wrong = found.filter((name) => pins.get(name) !== sha256(join(folder, name)));
  const missing = [...pins.keys()].filter((name) => !found.includes(name));
  if (wrong.length + missing.length === 0) return;
  throw new RungUnavailableError(
    `the download does not match tools/local-stack's checksums (wrong: ${wrong.join(', ') || 'none'}; missing: ${missing.join(', ') || 'none'})`,
  );
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
