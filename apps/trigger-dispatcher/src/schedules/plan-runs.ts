import type { CatchUpPolicy } from '@tripline/triggers';

import type { NextRun } from './next-run';

/** Due times that were missed and will not be started. */
export interface MissedRuns {
  /** A lower bound when they are too many to count. */
  readonly count: number;
  readonly isCounted: boolean;
  readonly firstDueAt: number;
  readonly lastDueAt: number;
}

/** The plan for a schedule that is due. Times are epoch ms. */
export interface RunPlan {
  /** Due times to start, oldest first. */
  readonly runs: readonly number[];
  readonly missed: MissedRuns | null;
  /** Null: the schedule has no further due time. */
  readonly nextDueAt: number | null;
}

/** Up to this age an execution is late; beyond it, missed. */
export const MISSED_AFTER_MS = 60_000;
/** Missed executions that `all` starts; older ones are dropped. */
export const MAX_CATCH_UP_RUNS = 100;
/** Most due times computed one by one, because each computation is slow. */
const MAX_COUNTED = 300;
/** Enough for any downtime and any expression. */
const MAX_PROBES = 24;

/**
 * Decides which due times between `dueAt` and `nowMs` are started. Those up to a minute old always are. Older ones were missed:
 * `skip` starts none of them, `latest` starts the newest unless one within the last minute is started, and `all` starts each, up
 * to a hundred. Pure.
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

/** Due times up to now, oldest first: all of them, or only the newest when they are too many to count. */
function dueTimes(next: NextRun, dueAt: number, nowMs: number): { due: readonly number[]; isCounted: boolean } {
  const all = collect(next, dueAt, nowMs);
  if (all !== null) return { due: all, isCounted: true };
  // Searches for a window before now that holds about a hundred of them, halving its length on a logarithmic scale.
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

/** Due times in [firstMs, nowMs]; null when they are too many. */
function collect(next: NextRun, firstMs: number | null, nowMs: number): readonly number[] | null {
  const found: number[] = [];
  for (let time = firstMs; time !== null && time <= nowMs; time = next(time)) {
    if (found.length >= MAX_COUNTED) return null;
    found.push(time);
  }
  return found;
}
