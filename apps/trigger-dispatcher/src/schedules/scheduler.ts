import { scheduledTriggerIdOf } from '@tripline/domain';
import type { DueSchedule, ScheduleStore } from '@tripline/persistence';

import type { DispatchTriggers } from '../dispatches/dispatch-triggers';
import { nextRunMs } from './next-run';

export interface SchedulerOptions {
  readonly store: ScheduleStore;
  readonly dispatch: DispatchTriggers;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  readonly intervalMs: number;
  readonly onFailed: (error: unknown) => void;
}

/** Schedules looked at in one round; more are due again at the next. */
const BATCH_SIZE = 200;
/** Of a schedule that is over or cannot be read: were it left due, a batch of such would keep all others from their turn. */
const NEVER_MS = Date.UTC(9999, 11, 31);

/**
 * Starts periodic pipelines when they are due. The trigger's id comes from pipeline and due time, and the schedule moves on
 * only after the decision is stored: a crash in between decides the same trigger again, which changes nothing.
 * Runs missed while nobody was there are made up for by one run, not by all of them.
 */
export function createScheduler(options: SchedulerOptions): {
  name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const runOnce = async (): Promise<void> => {
    try {
      const schedules = await options.store.loadDue(BATCH_SIZE);
      const due = schedules.filter(({ dueAt }) => dueAt !== null);
      if (due.length > 0) await options.dispatch(due.map(toTrigger));
      for (const { pipeline, dueAt } of schedules) {
        await options.store.advance(pipeline.id, dueAt, nextOf(pipeline));
      }
    } catch (error) {
      options.onFailed(error);
    }
  };

  const nextOf = ({ schedule }: DueSchedule['pipeline']): number => {
    try {
      return (schedule === null ? null : nextRunMs(schedule, options.now())) ?? NEVER_MS;
    } catch (error) {
      options.onFailed(error);
      return NEVER_MS;
    }
  };

  return {
    name: 'scheduler',
    start() {
      timer = setInterval(() => {
        running ??= runOnce().finally(() => (running = undefined));
      }, options.intervalMs);
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

function toTrigger({ pipeline, dueAt }: DueSchedule) {
  const occurredAt = dueAt ?? 0;
  return {
    pipelineId: pipeline.id,
    triggerId: scheduledTriggerIdOf(pipeline.id, occurredAt),
    triggerMode: 'periodic' as const,
    occurredAt,
  };
}
