import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { killOnExit, tailOf } from '../local-stack';

export interface AppProcessOptions {
  readonly name: string;
  /** Folder of the built app, with `main.js` and `instrument.js`. */
  readonly distDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Begun anew by the first run, continued by later ones. */
  readonly logFile: string;
  readonly metricsPort: number;
  /** Told the pid of every launch, e.g. to write it down for a later run. */
  readonly onLaunched?: (pid: number) => void;
}

/** One of our services as a process of its own, as it runs in production. It may run several times, one after the other. */
export interface AppProcess {
  readonly name: string;
  readonly metricsPort: number;
  readonly logFile: string;
  /** Launches the process and resolves with the seconds it took until the service says it is ready. */
  start(): Promise<number>;
  /** Launches the process and leaves it at that, as an orchestrator would. */
  launch(): void;
  /** SIGTERM, then SIGKILL after the deadline; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing is finished and nothing is said. Resolves when the process is gone. */
  kill(): Promise<void>;
  isRunning(): boolean;
  /** Of the run under way or the last one. */
  pid(): number | undefined;
  /** Whether `/health/ready` answers 200 right now. */
  isReady(): Promise<boolean>;
  /** Resident memory, MiB; null when it does not run (or the system has no /proc). */
  residentMiB(): Promise<number | null>;
  /** Resolves with the exit code when the run under way ends; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

const READY_DEADLINE_MS = 60_000;
const READY_POLL_MS = 50;
const STOP_DEADLINE_MS = 35_000;
const LOG_TAIL_LINES = 6;

export function createAppProcess(options: AppProcessOptions): AppProcess {
  return new NodeAppProcess(options);
}

class NodeAppProcess implements AppProcess {
  readonly name: string;
  readonly metricsPort: number;
  readonly logFile: string;
  #child: ChildProcess | undefined;
  #ended: Promise<number | null> = new Promise(() => undefined);

  constructor(private readonly options: AppProcessOptions) {
    this.name = options.name;
    this.metricsPort = options.metricsPort;
    this.logFile = options.logFile;
  }

  get ended(): Promise<number | null> {
    return this.#ended;
  }

  isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  pid(): number | undefined {
    return this.#child?.pid;
  }

  launch(): void {
    const { distDir, env, logFile } = this.options;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = createWriteStream(logFile, { flags: this.#child === undefined ? 'w' : 'a' });
    const args = ['--enable-source-maps', '-r', `${distDir}/instrument.js`, `${distDir}/main.js`];
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the services in order.
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    killOnExit(child);
    if (child.pid !== undefined) this.options.onLaunched?.(child.pid);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#ended = new Promise((resolve) => {
      // Whoever waits for the end may read the log then.
      child.once('close', (code) => log.end(() => resolve(code)));
    });
  }

  async start(): Promise<number> {
    const startedAt = performance.now();
    this.launch();
    await this.#untilReady();
    return (performance.now() - startedAt) / 1000;
  }

  async stop(): Promise<number | null> {
    if (!this.isRunning()) return this.#child?.exitCode ?? null;
    const killer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_DEADLINE_MS);
    this.#child?.kill('SIGTERM');
    const code = await this.#ended;
    clearTimeout(killer);
    return code;
  }

  async kill(): Promise<void> {
    if (!this.isRunning()) return;
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  async isReady(): Promise<boolean> {
    return (await this.#readiness()) === 'ready';
  }

  async residentMiB(): Promise<number | null> {
    const status = await readFile(`/proc/${this.#child?.pid}/status`, 'utf8').catch(() => '');
    const kib = /VmRSS:\s+(\d+)/.exec(status)?.[1];
    return kib === undefined ? null : Math.round(Number(kib) / 1024);
  }

  async #untilReady(): Promise<void> {
    const { name, logFile } = this.options;
    let exited: { code: number | null } | undefined;
    void this.#ended.then((code) => (exited = { code }));
    const deadline = performance.now() + READY_DEADLINE_MS;
    let last = '';
    while (performance.now() < deadline) {
      if (exited !== undefined) {
        throw new Error(
          `${name} ended with code ${exited.code} instead of starting; the end of ${logFile}:\n${endOf(logFile)}`,
        );
      }
      last = await this.#readiness();
      if (last === 'ready') return;
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
    throw new Error(`${name} is not ready after ${READY_DEADLINE_MS / 1000} s (${last}); see ${logFile}`);
  }

  /** `ready`, or why not. */
  async #readiness(): Promise<string> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.metricsPort}/health/ready`);
      const text = await response.text();
      return response.ok ? 'ready' : text;
    } catch {
      return 'no answer';
    }
  }
}

/** The last lines of a log without the stacks that make them unreadable. */
function endOf(logFile: string): string {
  return tailOf(logFile, LOG_TAIL_LINES).replace(/,"error_stack":"(?:[^"\\]|\\.)*"/g, '');
}
