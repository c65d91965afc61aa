import { type Halt, HALT_LEVELS, type HaltLevel, haltOn, haltReason } from '@tripline/risk';
import type { Pipeline } from '@tripline/triggers';
import { enqueueExecutions, type QueuedExecution } from '@tripline/queue';

import { createTriggerDispatch } from '../../../apps/trigger-dispatcher/src/dispatches/dispatch-triggers';
import type { SimProcess } from '../kernel/sim-process';
import { runKey } from '../model/statements';
import { abandonIntents, endRun, isActive, type RunRow } from '../model/tables';
import { LockTimeoutError } from '../model/transactions';
import type { System } from '../system';

/** A user of the API: starts pipelines manually, sometimes twice, and edits them. */
export function startTrader(system: System, process: SimProcess, deeds: number, untilMs: number): void {
  const { world, postgres, redis, wiring } = system;
  const { random } = world;
  const stores = wiring.storesOf(system, process);
  const enqueue = (executions: readonly QueuedExecution[]): Promise<boolean> =>
    enqueueExecutions(executions, {
      queue: { enqueue: (jobs) => redis.enqueue(process, jobs, wiring.jobIdOf ?? undefined) },
      acknowledge: (enqueued) => stores.decisions.acknowledgeEnqueued(enqueued),
      onFailed: () => undefined,
    });
  const dispatch = createTriggerDispatch({ decisions: stores.decisions, enqueue, onDecided: () => undefined });

  const startByHand = async (): Promise<void> => {
    const pipelineId = random.pick([...postgres.tables.pipelines.keys()]);
    const trigger = { pipelineId, triggerId: random.uuid(), triggerMode: 'manual' as const, occurredAt: world.now };
    await dispatch([trigger]);
    // An impatient client repeats its request with the same idempotency key.
    if (random.chance(0.5)) await dispatch([trigger]);
  };
  const change = async (): Promise<void> => {
    const id = random.pick([...postgres.tables.pipelines.keys()]);
    const isSwitch = random.chance(0.5);
    await stores.retry('change pipeline', () => saveVersion(system, id, isSwitch));
  };
  const halt = async (): Promise<void> => {
    const engaged = planHalt(system);
    await stores.retry(`halt ${engaged.level} ${engaged.mode}`, () => engageHalt(system, engaged));
    await process.sleep(random.between(1, 20) * 1_000);
    await stores.retry(`lift ${engaged.level}`, () => liftHalt(system, engaged.id));
  };
  process.start(async () => {
    for (let left = deeds; left > 0; left -= 1) {
      await process.sleep(random.int(untilMs / deeds));
      const deed = random.pick([startByHand, startByHand, change, halt]);
      await deed().catch(() => undefined);
    }
  });
}

function planHalt({ postgres, world }: System): Halt {
  const { random } = world;
  const { pipeline } = random.pick([...postgres.tables.pipelines.values()]);
  const level = random.pick(HALT_LEVELS);
  const subjects: Readonly<Record<HaltLevel, string>> = {
    global: '',
    user: pipeline.userId,
    pipeline: pipeline.id,
    ticker: pipeline.tickers[0] ?? '',
    venue: pipeline.venue,
  };
  const mode = random.pick(['reduce_only', 'pause', 'cancel'] as const);
  return { id: random.uuid(), level, subject: subjects[level], mode, reason: 'a drill' };
}

/** `cancel` ends the waiting and running executions within the halt and fences off their workers. */
function engageHalt({ postgres, world }: System, halt: Halt): void {
  const { tables } = postgres;
  if (tables.halts.some(({ id }) => id === halt.id)) return;
  const venueOf = (run: RunRow): string => tables.pipelines.get(run.pipelineId)?.pipeline.venue ?? 'paper';
  const halted = [...tables.executions.values()].filter(
    (run) => halt.mode === 'cancel' && isActive(run) && haltOn([halt], { ...run, venue: venueOf(run) }) !== null,
  );
  // The product's statement waits for rows that another transaction is writing.
  const locked = halted.find((run) => postgres.isLocked(runKey(run.id)));
  if (locked !== undefined) throw new LockTimeoutError(runKey(locked.id));
  tables.halts.push(halt);
  for (const run of halted) {
    run.leaseToken += 1;
    endRun(tables, run, world.now, { status: 'cancelled', stopReason: haltReason(halt), byToken: null });
    abandonIntents(tables, run.id);
  }
}

function liftHalt({ postgres }: System, id: string): void {
  const { halts } = postgres.tables;
  const index = halts.findIndex((halt) => halt.id === id);
  if (index >= 0) halts.splice(index, 1);
}

/** Creates a new version of a pipeline: activated, deactivated, or with another threshold. */
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
