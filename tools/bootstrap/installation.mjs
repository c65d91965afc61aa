/**
 * Decides whether node_modules is what the lock file asks for, and repairs it. Plain JavaScript for the machine's own
 * Node: nothing is installed yet when this runs.
 */
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import lock from './file-lock.cjs';
import processIdentity from './process-identity.cjs';
import { BootstrapError, explainNpmFailure } from './npm-failure.mjs';

/** Increase this when the bootstrap starts to do more with node_modules. */
const LAYOUT_VERSION = 1;
const LOCK_WAIT_MS = 15 * 60_000;

/** Everything that node_modules must match: lock file, allow-list, platform. */
export function installationKey(root) {
  const hash = createHash('sha256');
  hash.update(fs.readFileSync(path.join(root, 'package-lock.json')));
  hash.update(JSON.stringify([allowedScripts(root), process.platform, process.arch, LAYOUT_VERSION]));
  return hash.digest('hex');
}

/** Packages whose install scripts may run: npm's own `allowScripts` field of package.json. */
export function allowedScripts(root) {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return Object.entries(manifest.allowScripts ?? {})
    .filter(([, allowed]) => allowed === true)
    .map(([name]) => name);
}

export function markerFile(root) {
  return path.join(root, 'node_modules', '.tripline-install');
}

/** True when the last installation finished and nothing it depends on has changed since. */
export function isInstalled(root) {
  try {
    return fs.readFileSync(markerFile(root), 'utf8') === installationKey(root);
  } catch {
    return false;
  }
}

/**
 * True when npm's own record of node_modules matches the lock file exactly, e.g. after a manual `npm install` or
 * `npm ci`. Installing again would only cost time.
 */
export function matchesLockFile(root) {
  try {
    const wanted = packagesOf(path.join(root, 'package-lock.json'));
    const present = packagesOf(path.join(root, 'node_modules', '.package-lock.json'));
    for (const [name, entry] of present) if (wanted.get(name)?.version !== entry.version) return false;
    for (const [name, entry] of wanted) if (!present.has(name) && !entry.optional) return false;
    return [...present.keys()].every((name) => fs.existsSync(path.join(root, name, 'package.json')));
  } catch {
    return false;
  }
}

function packagesOf(file) {
  const { packages } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return new Map(Object.entries(packages).filter(([name]) => name !== ''));
}

/** Makes node_modules match the lock file. One process at a time; the others wait and then find nothing to do. */
export async function ensureInstalled(root, say) {
  if (isInstalled(root)) return;
  const unlock = await lock.acquireFileLock(path.join(root, '.local', 'install.lock'), {
    waitMs: LOCK_WAIT_MS,
    onWait: (owner) => say(`waiting for another command to install packages (pid ${owner?.pid ?? 'unknown'})`),
  });
  if (!unlock)
    throw new BootstrapError('Another command has been installing packages for too long; stop it and try again.');
  try {
    await waitForOrphan(root, say);
    if (isInstalled(root)) return;
    if (!matchesLockFile(root)) await installPackages(root, say);
    await runAllowedScripts(root, say);
    fs.writeFileSync(markerFile(root), installationKey(root));
  } finally {
    unlock();
  }
}

async function installPackages(root, say) {
  const from = Date.now();
  say('installing the packages of package-lock.json (once)');
  // `npm ci` first removes node_modules with the marker, so an interrupted installation never counts as complete.
  await runNpm(root, ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  say(`packages installed in ${((Date.now() - from) / 1000).toFixed(1)} s`);
}

/** Install scripts are disabled (.npmrc); this runs only those of packages on the allow-list. */
async function runAllowedScripts(root, say) {
  const names = allowedScripts(root);
  if (names.length === 0) return;
  say(`running the install scripts of ${names.join(', ')}`);
  await runNpm(root, ['rebuild', ...names, '--ignore-scripts=false', '--loglevel=error']);
}

const orphanFile = (root) => path.join(root, '.local', 'npm.pid.json');

/** An npm whose bootstrap was killed may still be writing node_modules, so wait for it to end first. */
async function waitForOrphan(root, say) {
  let orphan;
  try {
    orphan = JSON.parse(fs.readFileSync(orphanFile(root), 'utf8'));
  } catch {
    return;
  }
  if (processIdentity.isAlive(orphan)) say(`waiting for npm of an interrupted command (pid ${orphan.pid})`);
  while (processIdentity.isAlive(orphan)) await new Promise((resolve) => setTimeout(resolve, 200));
}

/** Runs the npm that started this process, or the one on the PATH. */
async function runNpm(root, args) {
  const npmFile = process.env.npm_execpath;
  const viaNode = npmFile !== undefined && npmFile.endsWith('.js') && fs.existsSync(npmFile);
  const [command, all] = viaNode ? [process.execPath, [npmFile, ...args]] : ['npm', args];
  const { code, output } = await new Promise((resolve) => {
    const child = spawn(command, all, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid) fs.writeFileSync(orphanFile(root), JSON.stringify(processIdentity.identify(child.pid)));
    let text = '';
    const collect = (chunk) => (text += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ code: null, output: `${error.code} ${error.message}` }));
    child.once('close', (exitCode) => resolve({ code: exitCode, output: text }));
  });
  fs.rmSync(orphanFile(root), { force: true });
  if (code !== 0) throw new BootstrapError(explainNpmFailure(args[0], output));
}
