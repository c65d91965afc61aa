import type { TradingSystem } from '../system/trading-system';
import type { FaultLog } from './fault-log';

/** Context of a sequence of faults. The sequences of one phase run in parallel. */
export interface LaneContext {
  readonly system: TradingSystem;
  readonly log: FaultLog;
  /** Uniform in [0, 1), derived from the seed; each sequence has its own. */
  readonly random: () => number;
  /** Prints a progress line. */
  readonly report: (line: string) => void;
}

/** Injects its faults one after the other; resolves after the last one. */
export type Lane = (context: LaneContext) => Promise<void>;

/** A whole number from `from` to `to`, both included. */
export function between(random: () => number, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

/** The same elements in random order. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}

/** Runs sequences one after the other. */
export function inOrder(...lanes: readonly Lane[]): Lane {
  return async (context) => {
    for (const lane of lanes) await lane(context);
  };
}

/** Runs sequences in parallel. */
export function sideBySide(lanes: readonly Lane[]): Lane {
  return async (context) => {
    await Promise.all(lanes.map((lane) => lane(context)));
  };
}
