import type { Pipeline } from '@tripline/domain';

import {
  createEnqueuer,
  createTriggerDispatch,
} from '../../../apps/trigger-dispatcher/src/dispatches/dispatch-triggers';
import type { ExecutionQueue } from '@tripline/queue';
import type { SimProcess } from '../kernel/sim-process';
import type { System } from '../system';

/** A person at the API: starts pipelines by hand, sometimes twice, and changes them. */
export function startTrader(system: System, process: SimProcess, deeds: number, untilMs: number): void {
  const { world, postgres, redis, wiring } = system;
  const { random } = world;
  const stores = wiring.storesOf(system, process);
  const queue = {
    enqueue: (jobs: Parameters<ExecutionQueue['enqueue']>[0]) =>
      redis.enqueue(process, jobs, wiring.jobIdOf ?? undefined),
  } as ExecutionQueue;
  const enqueue = createEnqueuer({
    queue,
    decisions: stores.decisions,
    onEnqueued: () => undefined,
    onEnqueueFailed: () => undefined,
  });
  const dispatch = createTriggerDispatch({ decisions: stores.decisions, enqueue, onDecided: () => undefined });

  const startByHand = async (): Promise<void> => {
    const pipelineId = random.pick([...postgres.tables.pipelines.keys()]);
    const trigger = { pipelineId, triggerId: random.uuid(), triggerMode: 'manual' as const, occurredAt: world.now };
    await dispatch([trigger]);
    // An impatient client repeats its request under the same key.
    if (random.chance(0.5)) await dispatch([trigger]);
  };
  const change = async (): Promise<void> => {
    const id = random.pick([...postgres.tables.pipelines.keys()]);
    const isSwitch = random.chance(0.5);
    await stores.retry('change pipeline', () => saveVersion(system, id, isSwitch));
  };
  process.start(async () => {
    for (let deed = 0; deed < deeds; deed += 1) {
      await process.sleep(random.int(untilMs / deeds));
      await (random.chance(0.6) ? startByHand() : change()).catch(() => undefined);
    }
  });
}

/** A new version of a pipeline: switched on or off, or with another threshold. */
function saveVersion({ postgres, world, listeners }: System, id: string, isSwitch: boolean): void {
  const row = postgres.tables.pipelines.get(id);
  if (row === undefined) return;
  const { pipeline } = row;
  const [subscription] = pipeline.subscriptions;
  const next: Pipeline = {
    ...pipeline,
    version: pipeline.version + 1,
    ...(isSwitch || subscription === undefined
      ? { isActive: !pipeline.isActive }
      : { subscriptions: [{ ...subscription, minConfidence: 100 - subscription.minConfidence }] }),
  };
  const last = row.versions.at(-1);
  if (last !== undefined) last.validTo = world.now;
  row.versions.push({ pipeline: next, validFrom: world.now, validTo: Infinity });
  row.pipeline = next;
  world.log(`pipeline ${id.slice(0, 8)} is at version ${next.version}${next.isActive ? '' : ', off'}`);
  for (const listener of listeners) listener();
}
