import type { BenchOptions } from './arguments';
import type { BenchServers } from './servers';

/** What a bench measured; printed as one line of JSON. Further fields are the bench's own (`p50`, `p95`, `p99` in ms, …). */
export interface BenchResult {
  readonly name: string;
  /** What was measured, in `unit`; the median of the runs. */
  readonly figure: number;
  readonly unit: string;
  /** The same work by the bare clients or the bare language, measured beside the figure; the median of the runs. */
  readonly ceiling: number;
  /** `figure / ceiling`, the median of the runs' own ratios. */
  readonly ratio: number;
  /** The goal in words. */
  readonly goal: string;
  readonly met: boolean;
  readonly [more: string]: unknown;
}

/** What a bench is given. */
export interface BenchContext {
  readonly options: BenchOptions;
  /** Aborted by Ctrl-C; a bench that waits long looks at it. */
  readonly signal: AbortSignal;
  /** A line of progress, on stderr. */
  report(line: string): void;
  /** Kafka, Redis and Postgres of the benches alone, started when first asked for and empty then. */
  servers(): Promise<BenchServers>;
  /** Called when the bench ends, however it ends; the last one first. */
  onCleanup(work: () => Promise<unknown>): void;
}

/** One bench: a folder of its own, and a place in `benches.ts`. */
export interface Bench {
  readonly name: string;
  /** One line for the list. */
  readonly description: string;
  /** Options beside `--seconds` and `--runs`, with what they mean. */
  readonly flags?: Readonly<Record<string, string>>;
  run(context: BenchContext): Promise<BenchResult>;
}
