import { recordProcess } from '../../tools/demo/left-behind';
import { NodeProcess, type ProcessEnd as Ended } from '../../tools/supervision/node-process';

export interface SupervisedProcessOptions {
  readonly name: string;
  /** Arguments for Node. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Every launch appends to this file. */
  readonly logFile: string;
  /** File with the pid of the running process; a later command uses it to end leftovers of a killed one. */
  readonly noteDir: string;
  /** Port of `/health/ready`; null if the process has none. */
  readonly metricsPort: number | null;
}

/** One exit of a process. */
export interface ProcessEnd {
  readonly process: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** `performance.now()` of the harness. */
  readonly at: number;
  /** Whether we caused the exit, by a signal or an armed failpoint. */
  readonly isAsked: boolean;
}

const STOP_DEADLINE_MS = 30_000;
const FAILPOINT_CODE = 137;

/**
 * A process of the system under test. Until `retire`, it is relaunched at once whenever it ends, as an orchestrator would.
 * `nextEnv` supplies variables for the next launch.
 */
export class SupervisedProcess {
  readonly name: string;
  readonly metricsPort: number | null;
  readonly logFile: string;
  /** Oldest first. */
  readonly ends: ProcessEnd[] = [];
  /** Called at every launch for that launch's variables, e.g. the failpoints to arm. */
  nextEnv: () => Readonly<Record<string, string>> = () => ({});
  launches = 0;
  #isWanted = false;
  #ended = Promise.withResolvers<ProcessEnd>();
  readonly #node: NodeProcess;

  constructor(options: SupervisedProcessOptions) {
    const { name, noteDir } = options;
    this.#node = new NodeProcess({
      ...options,
      env: () => ({ ...options.env, ...this.nextEnv() }),
      log: 'append',
      onLaunched: (pid) => recordProcess(noteDir, name, pid),
    });
    this.name = name;
    this.metricsPort = options.metricsPort;
    this.logFile = options.logFile;
  }

  get pid(): number | undefined {
    return this.isRunning() ? this.#node.pid() : undefined;
  }

  isRunning(): boolean {
    return this.#node.isRunning();
  }

  /** Launches the process; from now on it is relaunched whenever it ends. */
  launch(): void {
    this.#isWanted = true;
    if (!this.isRunning()) this.#launch();
  }

  /** Resolves with the exit of the current launch (or the next one). */
  untilEnd(): Promise<ProcessEnd> {
    return this.#ended.promise;
  }

  /** Sends a signal to the current process; the resulting exit counts as expected. */
  signal(signal: NodeJS.Signals): void {
    this.#node.signal(signal);
  }

  /** SIGKILL; resolves when the process is gone. It is then relaunched. */
  async kill(): Promise<void> {
    if (!this.isRunning()) return;
    const end = this.untilEnd();
    this.signal('SIGKILL');
    await end;
  }

  /** SIGTERM, then SIGKILL after the deadline; resolves with the exit and its duration in s. The process is then relaunched. */
  async terminate(): Promise<{ readonly end: ProcessEnd | null; readonly seconds: number }> {
    if (!this.isRunning()) return { end: null, seconds: 0 };
    const from = performance.now();
    const [end] = await Promise.all([this.untilEnd(), this.#node.stop(STOP_DEADLINE_MS)]);
    return { end, seconds: (performance.now() - from) / 1000 };
  }

  /** Like `stop`, but without a relaunch. */
  async retire(): Promise<ProcessEnd | null> {
    this.#isWanted = false;
    // A stopped process does not handle SIGTERM.
    this.signal('SIGCONT');
    return (await this.terminate()).end;
  }

  async isReady(): Promise<boolean> {
    return (await this.#node.readiness()) === 'ready';
  }

  /** Resolves when the process is ready, even after a relaunch. @throws Error at the deadline */
  async untilReady(timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while ((await this.#node.untilReady({ timeoutMs: deadline - performance.now() })) !== null) {
      if (this.#isWanted && performance.now() < deadline) continue;
      throw new Error(`${this.name} ended before it was ready; see ${this.logFile}`);
    }
  }

  #launch(): void {
    this.#node.launch();
    this.launches += 1;
    void this.#node.ended.then((end) => this.#onEnd(end));
  }

  #onEnd({ code, signal, isRequested }: Ended): void {
    const isAsked = isRequested || code === FAILPOINT_CODE;
    const end: ProcessEnd = { process: this.name, code, signal, at: performance.now(), isAsked };
    this.ends.push(end);
    const ended = this.#ended;
    this.#ended = Promise.withResolvers();
    if (this.#isWanted) this.#launch();
    ended.resolve(end);
  }
}
