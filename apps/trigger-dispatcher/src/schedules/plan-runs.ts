import type { CatchUpPolicy } from '@tripline/triggers';

import type { NextRun } from './next-run';

/** Due times that nobody starts any more. */
export interface MissedRuns {
  /** At least so many, when they are too many to count. */
  readonly count: number;
  readonly isCounted: boolean;
  readonly firstDueAt: number;
  readonly lastDueAt: number;
}

/** What becomes of a schedule whose time has come. Times are epoch ms. */
export interface RunPlan {
  /** Due times to start, oldest first. */
  readonly runs: readonly number[];
  readonly missed: MissedRuns | null;
  /** Null: the schedule is over. */
  readonly nextDueAt: number | null;
}

/** A run is late up to this age, after it missed. */
export const MISSED_AFTER_MS = 60_000;
/** Missed runs that `all` makes up for; older ones are given up. */
export const MAX_CATCH_UP_RUNS = 100;
/** Due times looked at one by one: each costs up to 0.1 ms. */
const MAX_COUNTED = 300;
/** Enough for any downtime with any expression. */
const MAX_PROBES = 24;

/**
 * Decides which due times between `dueAt` and `nowMs` are started. Those not older than a minute always are. Of older ones,
 * which nobody was there for, `skip` starts none, `latest` the newest unless one of the last minute makes up for them, and
 * `all` each, up to a hundred. Pure.
 */
export function planRuns(next: NextRun, dueAt: number, nowMs: number, catchUp: CatchUpPolicy): RunPlan {
  const { due, isCounted } = dueTimes(next, dueAt, nowMs);
  const onTime = due.filter((time) => nowMs - time <= MISSED_AFTER_MS);
  const late = due.slice(0, due.length - onTime.length);
  const madeUp = catchUp === 'skip' ? 0 : catchUp === 'all' ? MAX_CATCH_UP_RUNS : onTime.length > 0 ? 0 : 1;
  const lost = late.slice(0, Math.max(0, late.length - madeUp));
  const lastLost = lost.at(-1);
  return {
    runs: due.slice(lost.length),
    missed: lastLost === undefined ? null : { count: lost.length, isCounted, firstDueAt: dueAt, lastDueAt: lastLost },
    nextDueAt: next(nowMs),
  };
}

/** Due times up to now, oldest first: all of them, or when they are too many to count the newest. */
function dueTimes(next: NextRun, dueAt: number, nowMs: number): { due: readonly number[]; isCounted: boolean } {
  const all = collect(next, dueAt, nowMs);
  if (all !== null) return { due: all, isCounted: true };
  // Looks for a stretch before now that holds some hundred of them, by halving its length on a logarithmic scale.
  let best: readonly number[] = [dueAt];
  let [short, long] = [MISSED_AFTER_MS, Math.max(nowMs - dueAt, 2 * MISSED_AFTER_MS)];
  for (let probe = 0; probe < MAX_PROBES; probe += 1) {
    const length = Math.sqrt(short * long);
    const newest = collect(next, next(nowMs - Math.floor(length)), nowMs);
    if (newest === null) {
      long = length;
      continue;
    }
    if (newest.length > 0) best = newest;
    if (newest.length > MAX_CATCH_UP_RUNS) break;
    short = length;
  }
  return { due: best, isCounted: false };
}

/** Due times of [firstMs, nowMs]; null when they are too many. */
function collect(next: NextRun, firstMs: number | null, nowMs: number): readonly number[] | null {
  const found: number[] = [];
  for (let time = firstMs; time !== null && time <= nowMs; time = next(time)) {
    if (found.length >= MAX_COUNTED) return null;
    found.push(time);
  }
  return found;
}
