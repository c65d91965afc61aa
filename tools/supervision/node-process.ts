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
  /** Asked at every launch. */
  readonly env: () => Readonly<Record<string, string>>;
  readonly logFile: string;
  /** `append` keeps what an earlier harness wrote; `truncate` empties the log at the first launch. */
  readonly log: 'append' | 'truncate';
  /** Where `/health/ready` answers; null when the process has none: then it is ready while it runs. */
  readonly metricsPort: number | null;
  /** Told the pid of every launch, e.g. to write it down for a later harness. */
  readonly onLaunched?: (pid: number) => void;
}

/** How one launch of a process ended: by exit code or by signal; the other is null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** We sent the signal that ended it. */
  readonly isRequested: boolean;
}

const READY_POLL_MS = 50;
const READY_ANSWER_MS = 1_000;

/** Whatever ends this program ends the processes that it launched. */
const running = new Set<ChildProcess>();
function killRunning(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** One Node.js program as a process of its own. It may be launched several times, one after the other. */
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

  /** Resolves with the end of the present (or else the last) launch. */
  get ended(): Promise<ProcessEnd> {
    return this.#ended;
  }

  isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Of the present launch, or else the last one. */
  pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process and leaves it at that, as an orchestrator would. */
  launch(): void {
    const { args, cwd, env, logFile, log, onLaunched } = this.options;
    mkdirSync(dirname(logFile), { recursive: true });
    const output = openSync(logFile, log === 'truncate' && this.#child === undefined ? 'w' : 'a');
    this.#logFrom = statSync(logFile).size;
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the processes in order.
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

  /** Signals the present launch. Its end counts as requested, unless the signal only halts or continues it. */
  signal(signal: NodeJS.Signals): void {
    if (!this.isRunning()) return;
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#isRequested = true;
    this.#child?.kill(signal);
  }

  /** SIGTERM, then SIGKILL after the deadline. Resolves with the last end; null when it never ran. */
  async stop(deadlineMs: number): Promise<ProcessEnd | null> {
    if (!this.isRunning()) return this.#lastEnd;
    const ended = this.#ended;
    const killer = setTimeout(() => this.signal('SIGKILL'), deadlineMs);
    this.signal('SIGTERM');
    const end = await ended;
    clearTimeout(killer);
    return end;
  }

  /** `ready`, or why not. */
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
   * Resolves with null when the present launch is ready, or with its end when that comes first.
   * @throws Error when neither comes in time; the reason of `signal` when that is aborted
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

  /** The newest error that the present (or else the last) launch wrote to its log; undefined when it wrote none. */
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
