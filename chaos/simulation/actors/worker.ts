import { DEFAULT_FEE_MODEL } from '@tripline/trading';
import { enqueueExecutions, type QueuedExecution } from '@tripline/queue';

import { createExecutionHandler, type RunObserver } from '../../../apps/worker/src/executions/execution-handler';
import { createLeaseKeeper } from '../../../apps/worker/src/executions/lease-keeper';
import { createIntentReconciler } from '../../../apps/worker/src/orders/reconcile-intents';
import type { VenueOf } from '../../../apps/worker/src/orders/broker';
import type { SimProcess } from '../kernel/sim-process';
import { SimQueueWorker } from './queue-worker';
import type { Stores } from '../model/postgres';
import type { System } from '../system';
import { createMoodyMarket } from './moody-market';

const LEASE_MS = 9_000;
const RENEW_MS = 2_000;
const RECONCILE_MS = 10_000;
const LEASE_FOR_ORDER_MS = 4_000;

const UNOBSERVED: RunObserver = {
  onNothingToDo: () => undefined,
  onDenied: () => undefined,
  onStarted: () => undefined,
  onEnded: () => undefined,
  onFailed: () => undefined,
  onLeaseLost: () => undefined,
};

export interface RunningWorker {
  readonly process: SimProcess;
  stop(): void;
}

/** Agents take time before they write: usually little, sometimes longer than a lease. */
function withThought({ world }: System, process: SimProcess, store: Stores['executions']): Stores['executions'] {
  const think = (): Promise<void> => {
    const [from, to] = world.random.pick(THOUGHTS_MS);
    return process.sleep(world.random.between(from, to));
  };
  return {
    ...store,
    checkpoint: (checkpoint) => think().then(() => store.checkpoint(checkpoint)),
    finish: (ending) => think().then(() => store.finish(ending)),
    finishWithOrder: (ending) => think().then(() => store.finishWithOrder(ending)),
  };
}

const THOUGHTS_MS = [
  [20, 200],
  [50, 500],
  [500, 5_000],
  [5_000, 45_000],
] as const;

/** The worker. BullMQ is a model; everything else is the real code. */
export function startWorker(system: System, process: SimProcess): RunningWorker {
  const { redis, wiring, broker } = system;
  const queue = {
    enqueue: (jobs: readonly QueuedExecution[]) => redis.enqueue(process, jobs, wiring.jobIdOf ?? undefined),
  };
  // The same stores enqueue executions that a finished one promotes.
  const stores: Stores = wiring.storesOf(system, process, (executions) => {
    void enqueueExecutions(executions, {
      queue,
      acknowledge: (enqueued) => stores.decisions.acknowledgeEnqueued(enqueued),
      onFailed: () => undefined,
    });
  });
  const store = withThought(system, process, stores.executions);
  const venueOf: VenueOf = (venue) =>
    venue === 'paper' ? { kind: 'internal' } : { kind: 'external', broker: broker.portOf(process) };
  const { monotonicMs } = process;
  const lease = { leaseMs: LEASE_MS, renewEveryMs: RENEW_MS, leaseForOrderMs: LEASE_FOR_ORDER_MS };
  const leases = createLeaseKeeper({ store, ...lease, monotonicMs, onRenewalFailed: () => undefined });
  const reconciler = createIntentReconciler({
    store: stores.intents,
    venueOf,
    intervalMs: RECONCILE_MS,
    onReconciled: () => undefined,
    onFailed: () => undefined,
  });
  const worker = new SimQueueWorker(
    redis,
    process,
    createExecutionHandler({
      store,
      leases,
      venueOf,
      ...lease,
      bars: createMoodyMarket(system.world.random),
      feeModel: DEFAULT_FEE_MODEL,
      owner: process.name,
      monotonicMs,
      observer: UNOBSERVED,
    }),
  );
  process.start(async () => {
    await Promise.all([leases.start(), reconciler.start()]);
    await worker.run();
    process.kill();
  });
  return { process, stop: () => worker.stop() };
}
