import type { BenchOptions } from './arguments';
import type { BenchServers } from './servers';

/** The result of a bench, printed as one line of JSON. Benches may add fields (`p50`, `p95`, `p99` in ms, …). */
export interface BenchResult {
  readonly name: string;
  /** The measured value, in `unit`; the median of the runs. */
  readonly figure: number;
  readonly unit: string;
  /** The same work by the bare clients or plain JavaScript, measured in the same run; the median of the runs. */
  readonly ceiling: number;
  /** `figure / ceiling`, the median of the runs' own ratios. */
  readonly ratio: number;
  /** The goal as text. */
  readonly goal: string;
  readonly met: boolean;
  readonly [more: string]: unknown;
}

/** The context of a bench. */
export interface BenchContext {
  readonly options: BenchOptions;
  /** Aborted by Ctrl-C; a bench with long waits must check it. */
  readonly signal: AbortSignal;
  /** Prints a progress line to stderr. */
  report(line: string): void;
  /** Kafka, Redis and PostgreSQL used only by the benches; started empty on the first request. */
  servers(): Promise<BenchServers>;
  /** Registers a clean-up for the end of the bench, however it ends; the last one registered runs first. */
  onCleanup(work: () => Promise<unknown>): void;
}

/** One bench: its own folder and an entry in `benches.ts`. */
export interface Bench {
  readonly name: string;
  /** One line for the list. */
  readonly description: string;
  /** Options in addition to `--seconds` and `--runs`, with their meanings. */
  readonly flags?: Readonly<Record<string, string>>;
  run(context: BenchContext): Promise<BenchResult>;
}
