import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface AppProcessOptions {
  readonly name: string;
  /** Folder of the built app, with `main.js` and `instrument.js`. */
  readonly distDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly metricsPort: number;
}

/** One of our services as a process of its own, as it runs in production. */
export interface AppProcess {
  readonly name: string;
  readonly metricsPort: number;
  readonly logFile: string;
  /** Resolves with the seconds it took until the service says it is ready. */
  start(): Promise<number>;
  /** SIGTERM, then SIGKILL after the deadline; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Resident memory, MiB; null when it does not run (or the system has no /proc). */
  residentMiB(): Promise<number | null>;
  /** Resolves when the process ends. */
  readonly ended: Promise<number | null>;
}

const READY_DEADLINE_MS = 60_000;
const READY_POLL_MS = 50;
const STOP_DEADLINE_MS = 35_000;

export function createAppProcess(options: AppProcessOptions): AppProcess {
  let child: ChildProcess | undefined;
  let resolveEnded: (code: number | null) => void = () => undefined;
  const ended = new Promise<number | null>((resolve) => (resolveEnded = resolve));

  return {
    name: options.name,
    metricsPort: options.metricsPort,
    logFile: options.logFile,
    ended,
    async start() {
      const startedAt = performance.now();
      mkdirSync(dirname(options.logFile), { recursive: true });
      const log = createWriteStream(options.logFile);
      const args = ['--enable-source-maps', '-r', `${options.distDir}/instrument.js`, `${options.distDir}/main.js`];
      // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the services in order.
      child = spawn(process.execPath, args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
      child.once('close', (code) => {
        log.end();
        resolveEnded(code);
      });
      await waitUntilReady(options, ended);
      return (performance.now() - startedAt) / 1000;
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
      const killer = setTimeout(() => child?.kill('SIGKILL'), STOP_DEADLINE_MS);
      child.kill('SIGTERM');
      const code = await ended;
      clearTimeout(killer);
      return code;
    },
    async residentMiB() {
      const status = await readFile(`/proc/${child?.pid}/status`, 'utf8').catch(() => '');
      const kib = /VmRSS:\s+(\d+)/.exec(status)?.[1];
      return kib === undefined ? null : Math.round(Number(kib) / 1024);
    },
  };
}

async function waitUntilReady(options: AppProcessOptions, ended: Promise<number | null>): Promise<void> {
  let exited: { code: number | null } | undefined;
  void ended.then((code) => (exited = { code }));
  const deadline = performance.now() + READY_DEADLINE_MS;
  let last = 'no answer';
  while (performance.now() < deadline) {
    if (exited !== undefined) {
      throw new Error(`${options.name} ended with code ${exited.code} instead of starting; see ${options.logFile}`);
    }
    try {
      const response = await fetch(`http://127.0.0.1:${options.metricsPort}/health/ready`);
      if (response.ok) return;
      last = await response.text();
    } catch {
      last = 'no answer';
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  throw new Error(`${options.name} is not ready after ${READY_DEADLINE_MS / 1000} s (${last}); see ${options.logFile}`);
}
