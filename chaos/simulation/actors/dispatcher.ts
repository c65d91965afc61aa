import { MatchIndex } from '@tripline/matching';
import type { Match, Signal } from '@tripline/triggers';
import { createEnqueueSteps, enqueueExecutions, type EnqueueOptions, type QueuedExecution } from '@tripline/queue';

import { createEnqueueBuffer } from '../../../apps/trigger-dispatcher/src/dispatches/enqueue-buffer';
import { createMatcher } from '../../../apps/trigger-dispatcher/src/dispatches/match-chunk';
import { createDecider } from '../../../apps/trigger-dispatcher/src/dispatches/recreated-topic';
import { createChunkHandler, isolateNothing } from '../../../apps/trigger-dispatcher/src/dispatches/stages';
import { createDeadlines } from '../../../apps/trigger-dispatcher/src/rules/deadlines';
import { createSweeper } from '../../../apps/trigger-dispatcher/src/sweeper/sweeper';
import type { SimProcess } from '../kernel/sim-process';
import type { System } from '../system';
import { SimConsumer } from './consumer';

const RELOAD_MS = 30_000;
const SWEEP_MS = 5_000;
const DEADLINES_MS = 3_000;

/** A dispatcher that supports a clean stop. */
export interface RunningDispatcher {
  readonly process: SimProcess;
  stop(): void;
}

/** The trigger dispatcher: index, consumer, sweeper. Everything between the ports is the real code. */
export function startDispatcher(system: System, process: SimProcess): RunningDispatcher {
  const { kafka, redis, wiring, world } = system;
  const stores = wiring.storesOf(system, process);
  const enqueuing: EnqueueOptions = {
    queue: { enqueue: (jobs) => redis.enqueue(process, jobs, wiring.jobIdOf ?? undefined) },
    acknowledge: (executions) => stores.decisions.acknowledgeEnqueued(executions),
    onFailed: () => undefined,
  };
  const enqueue = (executions: readonly QueuedExecution[]): Promise<boolean> =>
    enqueueExecutions(executions, enqueuing);
  const jobs = createEnqueueBuffer({ steps: createEnqueueSteps(enqueuing) });
  const index = createSimIndex(system, process);
  const handler = createChunkHandler({
    isolate: isolateNothing,
    match: createMatcher({ currentIndex: () => index }),
    trace: () => ({ traceparent: null, end: () => undefined }),
    decide: createDecider({
      decisions: stores.decisions,
      logEnd: (_topic, partition) => kafka.server.call(process, 'log end', () => kafka.topic.highWatermark(partition)),
      onTopicRecreated: () => world.log(`${process.name} treats the topic as recreated`),
    }),
    enqueue: (executions) => jobs.add(executions),
    report: () => undefined,
    monotonicMs: process.monotonicMs,
  });
  const consumer = new SimConsumer(system, process, handler);
  const sweeper = createSweeper({
    store: stores.sweeps,
    enqueue,
    limits: {},
    intervalMs: SWEEP_MS,
    onSwept: () => undefined,
    onFailed: () => undefined,
  });
  const deadlines = createDeadlines({
    store: stores.rules,
    enqueue,
    onDecided: () => undefined,
    intervalMs: DEADLINES_MS,
    monotonicMs: process.monotonicMs,
    onFailed: () => undefined,
  });
  process.start(async () => {
    await index.load();
    await deadlines.start();
    process.every(RELOAD_MS, () => void index.load());
    if (wiring.hasSweeper) await sweeper.start();
    await consumer.run();
    await jobs.stop();
    await Promise.all([sweeper.stop(), deadlines.stop()]);
    process.kill();
  });
  return { process, stop: () => process.deliver(() => consumer.stop()) };
}

/** The match index, maintained as in the service: loaded at start, reloaded periodically and soon after a change. */
function createSimIndex(system: System, process: SimProcess) {
  const { postgres, wiring, listeners, world } = system;
  let current: MatchIndex | null = null;
  const load = async (): Promise<void> => {
    for (;;) {
      try {
        const pipelines = await postgres.server.call(process, 'load pipelines', () =>
          [...postgres.tables.pipelines.values()].map(({ pipeline }) => pipeline),
        );
        current = MatchIndex.build(pipelines);
        return;
      } catch (error) {
        if (current !== null) return;
        world.log(`${process.name} cannot load: ${String(error)}`);
        await process.sleep(1_000);
      }
    }
  };
  listeners.add(() => void process.after(world.random.between(1, 500), () => void load()));
  return {
    load,
    match: (signal: Signal): readonly Match[] =>
      (current?.match(signal) ?? []).filter(({ pipeline }) => !wiring.isLeftOut(system, pipeline.id)),
  };
}
