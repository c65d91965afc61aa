import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { killOnExit } from '../local-stack';
import { lastErrorOf } from './last-error';

export interface NodeProcessOptions {
  readonly name: string;
  /** Arguments of Node.js. */
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Called at every launch. */
  readonly env: () => Readonly<Record<string, string>>;
  readonly logFile: string;
  /** `append` keeps the existing log; `truncate` empties it at the first launch. */
  readonly log: 'append' | 'truncate';
  /** Port of `/health/ready`; null when there is none, in which case the process is ready while it runs. */
  readonly metricsPort: number | null;
  /** Called with the pid of every launch, e.g. to record it for a later command. */
  readonly onLaunched?: (pid: number) => void;
}

/** How one launch of a process ended: either an exit code or a signal; the other is null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** We sent the signal that ended it. */
  readonly isRequested: boolean;
}

const READY_POLL_MS = 50;
const READY_ANSWER_MS = 1_000;

/** When this program ends, the processes it launched end too. */
const running = new Set<ChildProcess>();
function killRunning(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** One Node.js program in its own process. It can be launched again after it has ended. */
export class NodeProcess {
  readonly name: string;
  readonly logFile: string;
  readonly metricsPort: number | null;
  #child: ChildProcess | undefined;
  #isRequested = false;
  #logFrom = 0;
  #lastEnd: ProcessEnd | null = null;
  #ended: Promise<ProcessEnd> = new Promise(() => undefined);

  constructor(private readonly options: NodeProcessOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
    this.metricsPort = options.metricsPort;
  }

  /** Resolves with the end of the current launch, or of the last one if none is running. */
  get ended(): Promise<ProcessEnd> {
    return this.#ended;
  }

  isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Pid of the current launch, or of the last one if none is running. */
  pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process without waiting for readiness, as an orchestrator would. */
  launch(): void {
    const { args, cwd, env, logFile, log, onLaunched } = this.options;
    mkdirSync(dirname(logFile), { recursive: true });
    const output = openSync(logFile, log === 'truncate' && this.#child === undefined ? 'w' : 'a');
    this.#logFrom = statSync(logFile).size;
    // Its own process group: Ctrl-C reaches only us, and we stop the processes in order.
    const options = { cwd, env: env(), detached: true };
    const child = spawn(process.execPath, [...args], { ...options, stdio: ['ignore', output, output] });
    closeSync(output);
    this.#child = child;
    this.#isRequested = false;
    if (!process.listeners('exit').includes(killRunning)) process.on('exit', killRunning);
    running.add(child);
    killOnExit(child);
    if (child.pid !== undefined) onLaunched?.(child.pid);
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(child);
        this.#lastEnd = { code, signal, isRequested: this.#isRequested };
        resolve(this.#lastEnd);
      });
    });
  }

  /** Signals the current launch. Its end then counts as requested, unless the signal only pauses or resumes it. */
  signal(signal: NodeJS.Signals): void {
    if (!this.isRunning()) return;
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#isRequested = true;
    this.#child?.kill(signal);
  }

  /** Sends SIGTERM, then SIGKILL after the deadline. Resolves with how it ended; null when it never ran. */
  async stop(deadlineMs: number): Promise<ProcessEnd | null> {
    if (!this.isRunning()) return this.#lastEnd;
    const ended = this.#ended;
    const killer = setTimeout(() => this.signal('SIGKILL'), deadlineMs);
    this.signal('SIGTERM');
    const end = await ended;
    clearTimeout(killer);
    return end;
  }

  /** `ready`, or the reason why it is not ready. */
  async readiness(): Promise<string> {
    if (this.metricsPort === null) return this.isRunning() ? 'ready' : 'not running';
    try {
      const signal = AbortSignal.timeout(READY_ANSWER_MS);
      const response = await fetch(`http://127.0.0.1:${this.metricsPort}/health/ready`, { signal });
      const text = await response.text();
      return response.ok ? 'ready' : text;
    } catch {
      return 'no answer';
    }
  }

  /**
   * Resolves with null when the current launch is ready, or with its end if it ends first.
   * @throws Error when neither happens in time; the reason of `signal` when that is aborted
   */
  async untilReady(options: {
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): Promise<ProcessEnd | null> {
    const { timeoutMs = Infinity, signal } = options;
    let end: ProcessEnd | undefined;
    void this.#ended.then((ended) => (end = ended));
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      const readiness = await this.readiness();
      if (end !== undefined) return end;
      if (readiness === 'ready') return null;
      if (performance.now() > deadline) {
        throw new Error(`${this.name} is not ready after ${timeoutMs / 1000} s (${readiness}); see ${this.logFile}`);
      }
      await delay(READY_POLL_MS, undefined, { signal });
    }
  }

  /** The newest error in the log of the current or last launch; undefined when there is none. */
  lastError(): string | undefined {
    try {
      return lastErrorOf(readFileSync(this.logFile).subarray(this.#logFrom).toString());
    } catch {
      return undefined;
    }
  }
}

/** `SIGKILL`, or `exit code 1`. */
export function describeEnd({ code, signal }: ProcessEnd): string {
  return signal ?? `exit code ${code}`;
}
