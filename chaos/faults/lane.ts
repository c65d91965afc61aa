import type { TradingSystem } from '../system/trading-system';
import type { FaultLog } from './fault-log';

/** What a lane of faults works with. Lanes of one phase run side by side. */
export interface LaneContext {
  readonly system: TradingSystem;
  readonly log: FaultLog;
  /** Uniform in [0, 1), from the seed of the run; each lane has its own. */
  readonly random: () => number;
  /** Lines for whoever watches. */
  readonly report: (line: string) => void;
}

/** Makes its faults one after the other; resolves when the last has passed. */
export type Lane = (context: LaneContext) => Promise<void>;

/** A whole number from `from` to `to`. */
export function between(random: () => number, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

/** The same elements in another order. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}

/** Lanes one after the other, as one. */
export function inOrder(...lanes: readonly Lane[]): Lane {
  return async (context) => {
    for (const lane of lanes) await lane(context);
  };
}

/** Lanes side by side, as one. */
export function sideBySide(lanes: readonly Lane[]): Lane {
  return async (context) => {
    await Promise.all(lanes.map((lane) => lane(context)));
  };
}
