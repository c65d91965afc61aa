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

/** What to fetch from Maven Central and where to keep it. */
export interface MavenFetch {
  /** Finds Maven; asked only when something is to be downloaded. */
  readonly findMaven: () => string;
  /** Folder that holds pom.xml and checksums.sha256. */
  readonly recipeDir: string;
  /** Folder outside node_modules, kept between runs. */
  readonly cacheDir: string;
  /** Called when something is really downloaded. */
  readonly onDownload: () => void;
}

/**
 * Brings the jars that a pom names into the cache and returns their folder. Maven verifies the repository's checksums
 * (`-C`); on top of that every jar must have the SHA-256 that checksums.sha256 pins, and no jar may be extra or missing.
 * The folder appears by one rename, so that an interrupted download is never taken for a complete one. Jars in the cache are
 * verified at every use; damaged ones are downloaded again.
 */
export async function fetchJars(fetch: MavenFetch): Promise<string> {
  const target = jarsDirOf(fetch);
  if (isIntact(target, fetch.recipeDir)) return target;
  mkdirSync(fetch.cacheDir, { recursive: true });
  // Two Mavens must not write one local repository at once; this also lets a parallel run use our result.
  const unlock = await acquireFileLock(join(fetch.cacheDir, '..', 'maven.lock'), { waitMs: LOCK_WAIT_MS });
  if (!unlock) throw new RungUnavailableError('another run has been downloading from Maven Central for too long');
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
    // Maven writes target/ beside the pom: work on a copy, the checkout may be read-only.
    cpSync(join(fetch.recipeDir, 'pom.xml'), join(work, 'pom.xml'));
    const args = ['-B', '-q', '-C', '-f', join(work, 'pom.xml'), `${PLUGIN}:copy-dependencies`];
    const result = await runCommand(maven, [...args, `-DoutputDirectory=${join(work, 'jars')}`], {
      cwd: work,
      // Maven looks for Java on the PATH, which need not hold a Java that our own scripts installed.
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
  throw new RungUnavailableError(`Maven Central is out of reach (${problem})`);
}

/** The first line that Maven marks as an error, without its decoration. */
function firstError(output: string): string {
  const lines = output.trim().split('\n');
  const line = lines.find((candidate) => candidate.includes('[ERROR]')) ?? lines.at(-1) ?? 'no output';
  return line.replace('[ERROR]', '').trim().slice(0, 300);
}

/** The folder the jars of a recipe are kept in; its name changes with what is pinned. */
function jarsDirOf({ recipeDir, cacheDir }: Pick<MavenFetch, 'recipeDir' | 'cacheDir'>): string {
  const pins = [...readPins(recipeDir)].flat().join('\n');
  return join(cacheDir, createHash('sha256').update(pins).digest('hex').slice(0, 12));
}

/** True when the jars of a recipe are in the cache, intact: neither Maven nor the network is needed. */
export function areJarsCached(recipeDir: string, cacheDir: string): boolean {
  return isIntact(jarsDirOf({ recipeDir, cacheDir }), recipeDir);
}

/** True when every pinned jar is there with its checksum; other files beside them do not matter. */
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
