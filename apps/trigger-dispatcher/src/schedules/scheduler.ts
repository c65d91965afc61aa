import { scheduledTriggerIdOf } from '@tripline/triggers';
import type { DirectTrigger } from '@tripline/decision-store';
import type { DueSchedule, ScheduleStore } from '@tripline/pipeline-store';
import { type Component, createIntervalLoop } from '@tripline/runtime';
import { setImmediate } from 'node:timers/promises';

import type { DispatchTriggers } from '../dispatches/dispatch-triggers';
import { createNextRun } from './next-run';
import { planRuns, type RunPlan } from './plan-runs';

export interface SchedulerOptions {
  readonly store: ScheduleStore;
  readonly dispatch: DispatchTriggers;
  readonly intervalMs: number;
  readonly onFailed: (error: unknown) => void;
}

/** Schedules per batch. A full batch is followed by the next at once, because many markets open in the same minute. */
const BATCH_SIZE = 200;
/** Batches per round. Schedules that cannot be advanced stay due and must not keep a round going. */
const MAX_BATCHES = 100;
/** Triggers decided in one transaction. */
const DISPATCH_SIZE = 500;
/** Due time of a finished or invalid schedule: left due, a batch of them would block all others. */
const NEVER_MS = Date.UTC(9999, 11, 31);

/**
 * Starts periodic pipelines when they are due by Postgres' clock, and records missed executions (`catchUp`). The trigger id is
 * derived from pipeline and due time, and a schedule advances only after the decision is stored. So after a crash in between, or
 * with a second scheduler that sees the same due time, the same trigger is decided again and nothing changes.
 */
export function createScheduler(options: SchedulerOptions): Component {
  const { store, dispatch, onFailed } = options;

  const runBatch = async (): Promise<number> => {
    const { nowMs, schedules } = await store.loadDue(BATCH_SIZE);
    const plans: { schedule: DueSchedule; plan: RunPlan }[] = [];
    for (const schedule of schedules) {
      plans.push({ schedule, plan: planOf(schedule, nowMs, onFailed) });
      // Yield: after a long downtime a plan takes some milliseconds, and this process also decides signals.
      await setImmediate();
    }
    const triggers = plans.flatMap(({ schedule, plan }) => triggersOf(schedule, plan));
    for (let at = 0; at < triggers.length; at += DISPATCH_SIZE) {
      await dispatch(triggers.slice(at, at + DISPATCH_SIZE));
    }
    const moves = plans.map(({ schedule, plan }) => ({ seen: schedule, to: plan.nextDueAt ?? NEVER_MS }));
    if (moves.length > 0) await store.advance(moves);
    return schedules.length;
  };
  const runOnce = async (isStopping: () => boolean): Promise<void> => {
    for (let batch = 0; batch < MAX_BATCHES && !isStopping(); batch += 1) {
      if ((await runBatch()) < BATCH_SIZE) return;
    }
  };

  return createIntervalLoop({ name: 'scheduler', intervalMs: options.intervalMs, run: runOnce, onFailed });
}

function planOf(
  { pipeline: { schedule }, dueAt }: DueSchedule,
  nowMs: number,
  onFailed: (error: unknown) => void,
): RunPlan {
  const over: RunPlan = { runs: [], missed: null, nextDueAt: null };
  try {
    if (schedule === null) return over;
    const next = createNextRun(schedule);
    if (dueAt === null) return { ...over, nextDueAt: next(nowMs) };
    return planRuns(next, dueAt, nowMs, schedule.catchUp);
  } catch (error) {
    onFailed(error);
    return over;
  }
}

/** One trigger per execution, preceded by one that only records missed executions. */
function triggersOf({ pipeline }: DueSchedule, { runs, missed }: RunPlan): readonly DirectTrigger[] {
  const triggerAt = (occurredAt: number): DirectTrigger => ({
    pipelineId: pipeline.id,
    triggerId: scheduledTriggerIdOf(pipeline.id, occurredAt),
    triggerMode: 'periodic',
    occurredAt,
  });
  const lost =
    missed === null
      ? []
      : [
          {
            ...triggerAt(missed.lastDueAt),
            missed: {
              missed_runs: missed.count,
              ...(missed.isCounted ? {} : { missed_runs_at_least: true }),
              first_due_at: missed.firstDueAt,
              last_due_at: missed.lastDueAt,
              catch_up: pipeline.schedule?.catchUp ?? 'latest',
            },
          },
        ];
  return [...lost, ...runs.map(triggerAt)];
}
