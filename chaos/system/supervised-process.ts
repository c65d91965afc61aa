import { recordProcess } from '../../tools/demo/left-behind';
import { NodeProcess, type ProcessEnd as Ended } from '../../tools/supervision/node-process';

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

const STOP_DEADLINE_MS = 30_000;
const FAILPOINT_CODE = 137;

/**
 * A process of the system under test, relaunched at once whenever it ends, as an orchestrator would; until `retire`.
 * Variables for the next launch are taken from `nextEnv`.
 */
export class SupervisedProcess {
  readonly name: string;
  readonly metricsPort: number | null;
  readonly logFile: string;
  /** Oldest first. */
  readonly ends: ProcessEnd[] = [];
  /** Asked at every launch for variables of that launch, e.g. the failpoints it is to be armed with. */
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

  /** Launches it; from now on it is relaunched. */
  launch(): void {
    this.#isWanted = true;
    if (!this.isRunning()) this.#launch();
  }

  /** Resolves with the end of the run under way (or the next one). */
  untilEnd(): Promise<ProcessEnd> {
    return this.#ended.promise;
  }

  /** Sends a signal to the run under way; its end counts as asked for. */
  signal(signal: NodeJS.Signals): void {
    this.#node.signal(signal);
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
    const [end] = await Promise.all([this.untilEnd(), this.#node.stop(STOP_DEADLINE_MS)]);
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
    return (await this.#node.readiness()) === 'ready';
  }

  /** Resolves when it is ready, relaunched in between or not. @throws Error when it is not in time */
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
