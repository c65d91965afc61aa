#!/usr/bin/env node
/**
 * Every npm script of this repo starts here, under the machine's own Node. It installs the packages if they are missing,
 * generates code if needed, and then runs the real command under the Node version that the lock file pins.
 *
 *   node tools/bootstrap/run.mjs <command> [arguments]
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './installation.mjs';
import { BootstrapError } from './npm-failure.mjs';
import { ensurePrismaClient } from './prisma-client.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** The minimum for platforms without a pinned Node. The bootstrap itself needs the version in `engines` of package.json. */
const OLDEST_NODE = [22, 15];
/** Signals closer together than this count as one: npm forwards a signal that the terminal already sent to every process. */
const SAME_SIGNAL_MS = 500;

/** Script of each command, run by Node with types stripped on the fly. */
const SCRIPTS = {
  start: 'tools/demo/start.ts',
  test: 'tools/test/run.ts',
  infra: 'tools/local-stack/cli.ts',
  check: 'tools/check/run.ts',
  bench: 'bench/run.ts',
  chaos: 'chaos/run.ts',
  user: 'apps/api/src/cli/user.ts',
  drill: 'apps/api/src/cli/halt-drill.ts',
  replay: 'apps/trigger-dispatcher/src/cli/replay.ts',
  migrate: 'libs/migrations/src/cli/migrate.ts',
};
/** Commands that run a program of node_modules/.bin, with its fixed arguments. */
const PROGRAMS = { format: ['prettier', '--write', '--log-level', 'warn', '.'], install: [] };

const say = (line) => process.stderr.write(`${line}\n`);

/** The pinned Node if there is one for this platform, else the current one if it is new enough. */
function chooseNode() {
  const pinned = path.join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (fs.existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return process.execPath;
  throw new BootstrapError(
    `Node ${OLDEST_NODE.join('.')} or later is needed; this is ${process.versions.node}, and npm installed no pinned Node for ` +
      `${process.platform}-${process.arch}. If npm is configured to omit optional packages, allow them.`,
  );
}

/** npm links the pinned Node as node_modules/.bin/node; the link is restored here in case an `npm uninstall` removed it. */
function linkNode(node) {
  const link = path.join(ROOT, 'node_modules', '.bin', 'node');
  if (fs.existsSync(link) || node === process.execPath) return;
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.relative(path.dirname(link), node), link);
}

function commandLine(node, command, args) {
  const program = PROGRAMS[command];
  if (program)
    return program.length === 0
      ? undefined
      : [path.join(ROOT, 'node_modules', '.bin', program[0]), ...program.slice(1), ...args];
  return [node, '--enable-source-maps', '-r', '@swc-node/register', path.join(ROOT, SCRIPTS[command]), ...args];
}

function environment() {
  const bin = path.join(ROOT, 'node_modules', '.bin');
  return {
    ...process.env,
    PATH: [bin, process.env.PATH].filter(Boolean).join(path.delimiter),
    SWC_NODE_PROJECT: path.join(ROOT, 'tsconfig.json'),
    // Disables telemetry of the tools.
    NX_NO_CLOUD: 'true',
    CHECKPOINT_DISABLE: '1',
  };
}

/** Runs the command in the foreground and exits with its exit code or signal. */
function handOver([command, ...args]) {
  const child = spawn(command, args, { cwd: ROOT, env: environment(), stdio: 'inherit' });
  let last = 0;
  const forward = (signal) => {
    // In a terminal, Ctrl-C reaches the child directly.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    if (Date.now() - last < SAME_SIGNAL_MS) return;
    last = Date.now();
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  child.once('error', (error) => {
    say(`${command} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.once('close', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

async function main() {
  const [command, ...args] = process.argv.slice(2);
  if (!(command in SCRIPTS) && !(command in PROGRAMS)) {
    say(
      `usage: node tools/bootstrap/run.mjs <${[...Object.keys(SCRIPTS), ...Object.keys(PROGRAMS)].join('|')}> [arguments]`,
    );
    process.exit(2);
  }
  await ensureInstalled(ROOT, say);
  const node = chooseNode();
  linkNode(node);
  await ensurePrismaClient(ROOT, node, say);
  const line = commandLine(node, command, args);
  if (!line) return;
  if (command in SCRIPTS && !fs.existsSync(path.join(ROOT, SCRIPTS[command]))) {
    throw new BootstrapError(`\`${command}\` does not exist yet (${SCRIPTS[command]})`);
  }
  handOver(line);
}

main().catch((error) => {
  say(error instanceof BootstrapError ? error.message : String(error?.stack ?? error));
  process.exit(1);
});
