import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import { recordProcess } from '../../tools/demo/left-behind';
import { killOnExit } from '../../tools/local-stack';

export interface SupervisedProcessOptions {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Every launch appends to it. */
  readonly logFile: string;
  /** Where the running process is noted, so that a later run can end what a killed one left behind. */
  readonly noteDir: string;
  /** Where `/health/ready` answers; null when it has none. */
  readonly metricsPort: number | null;
}

/** The end of one run of a process. */
export interface ProcessEnd {
  readonly process: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** `performance.now()` of the harness. */
  readonly at: number;
  /** We asked for it: a signal of ours, or a failpoint that was armed. */
  readonly isAsked: boolean;
}

const READY_POLL_MS = 50;
const STOP_DEADLINE_MS = 30_000;
const FAILPOINT_CODE = 137;

/**
 * A process of the system under test, relaunched at once whenever it ends, as an orchestrator would; until `retire`.
 * Variables for the next launch are taken from `nextEnv`.
 */
export class SupervisedProcess {
  readonly name: string;
  /** Oldest first. */
  readonly ends: ProcessEnd[] = [];
  /** Asked at every launch for variables of that launch, e.g. the failpoints it is to be armed with. */
  nextEnv: () => Readonly<Record<string, string>> = () => ({});
  launches = 0;
  #child: ChildProcess | undefined;
  #isWanted = false;
  #isAsked = false;
  #ended = Promise.withResolvers<ProcessEnd>();
  readonly #options: SupervisedProcessOptions;

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
    this.name = options.name;
  }

  get pid(): number | undefined {
    return this.isRunning() ? this.#child?.pid : undefined;
  }

  get metricsPort(): number | null {
    return this.#options.metricsPort;
  }

  get logFile(): string {
    return this.#options.logFile;
  }

  isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Launches it; from now on it is relaunched. */
  launch(): void {
    this.#isWanted = true;
    if (!this.isRunning()) this.#spawn();
  }

  /** Resolves with the end of the run under way (or the next one). */
  untilEnd(): Promise<ProcessEnd> {
    return this.#ended.promise;
  }

  /** Sends a signal to the run under way; its end counts as asked for. */
  signal(signal: NodeJS.Signals): void {
    if (!this.isRunning()) return;
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#isAsked = true;
    this.#child?.kill(signal);
  }

  /** SIGKILL; resolves when it is gone. It is being relaunched then. */
  async kill(): Promise<void> {
    if (!this.isRunning()) return;
    const end = this.untilEnd();
    this.signal('SIGKILL');
    await end;
  }

  /** SIGTERM, and SIGKILL after the deadline; resolves with the end and the seconds it took. It is being relaunched then. */
  async terminate(): Promise<{ readonly end: ProcessEnd | null; readonly seconds: number }> {
    if (!this.isRunning()) return { end: null, seconds: 0 };
    const from = performance.now();
    const ended = this.untilEnd();
    const killer = setTimeout(() => this.signal('SIGKILL'), STOP_DEADLINE_MS);
    this.signal('SIGTERM');
    const end = await ended;
    clearTimeout(killer);
    return { end, seconds: (performance.now() - from) / 1000 };
  }

  /** The same without a relaunch. */
  async retire(): Promise<ProcessEnd | null> {
    this.#isWanted = false;
    // A stopped process takes no SIGTERM.
    this.signal('SIGCONT');
    return (await this.terminate()).end;
  }

  async isReady(): Promise<boolean> {
    if (this.#options.metricsPort === null) return this.isRunning();
    try {
      const response = await fetch(`http://127.0.0.1:${this.#options.metricsPort}/health/ready`, {
        signal: AbortSignal.timeout(1_000),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** Resolves when it is ready. @throws Error when it is not in time */
  async untilReady(timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await this.isReady())) {
      if (performance.now() > deadline) {
        throw new Error(`${this.name} is not ready after ${timeoutMs / 1000} s; see ${this.#options.logFile}`);
      }
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
  }

  #spawn(): void {
    const { args, env, logFile, cwd } = this.#options;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [...args], {
      cwd,
      env: { ...env, ...this.nextEnv() },
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the processes in order.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    killOnExit(child);
    if (child.pid !== undefined) recordProcess(this.#options.noteDir, this.name, child.pid);
    this.#isAsked = false;
    this.launches += 1;
    child.once('exit', (code, signal) => this.#onExit(child, code, signal));
  }

  #onExit(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child !== child) return;
    const isAsked = this.#isAsked || code === FAILPOINT_CODE;
    const end: ProcessEnd = { process: this.name, code, signal, at: performance.now(), isAsked };
    this.ends.push(end);
    const ended = this.#ended;
    this.#ended = Promise.withResolvers();
    if (this.#isWanted) this.#spawn();
    ended.resolve(end);
  }
}
