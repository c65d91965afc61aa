import { DEFAULT_FEE_MODEL } from '@tripline/domain';
import type { QueuedExecution } from '@tripline/queue';

import { createExecutionHandler, type RunObserver } from '../../../apps/worker/src/executions/execution-handler';
import { createLeaseKeeper } from '../../../apps/worker/src/executions/lease-keeper';
import { createPromotions } from '../../../apps/worker/src/executions/promotions';
import { RunningJobs } from '../../../libs/queue/src/executions/running-jobs';
import type { SimProcess } from '../kernel/sim-process';
import { LOCK_MS, STALLED_INTERVAL_MS, type TakenJob } from '../model/redis-queue';
import type { Stores } from '../model/postgres';
import type { System } from '../system';
import { createMoodyMarket } from './moody-market';

const CONCURRENCY = 3;
const LEASE_MS = 9_000;
const RENEW_MS = 2_000;
const RETRY_MS = 1_000;

const UNOBSERVED: RunObserver = {
  onNothingToDo: () => undefined,
  onRefused: () => undefined,
  onStarted: () => undefined,
  onEnded: () => undefined,
  onFailed: () => undefined,
  onLeaseLost: () => undefined,
};

export interface RunningWorker {
  readonly process: SimProcess;
  stop(): void;
}

/** Agents think before there is something to write: mostly shortly, sometimes longer than a lease lasts. */
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

/** The worker: BullMQ's side is a model, the handling of a job the real code. */
export function startWorker(system: System, process: SimProcess): RunningWorker {
  const { redis, wiring, broker } = system;
  const running = new RunningJobs(process.monotonicMs);
  const taken = new Map<string, TakenJob>();
  let isStopping = false;
  const queue = {
    enqueue: (jobs: readonly QueuedExecution[]) => redis.enqueue(process, jobs, wiring.jobIdOf ?? undefined),
  };
  const decisions = wiring.storesOf(system, process).decisions;
  const enqueuePromoted = createPromotions({ queue, decisions, onFailed: () => undefined });
  const store = withThought(system, process, wiring.storesOf(system, process, enqueuePromoted).executions);
  const leases = createLeaseKeeper({
    store,
    leaseMs: LEASE_MS,
    renewEveryMs: RENEW_MS,
    monotonicMs: process.monotonicMs,
    onRenewalFailed: () => undefined,
  });
  const handle = createExecutionHandler({
    store,
    leases,
    bars: createMoodyMarket(system.world.random),
    feeModel: DEFAULT_FEE_MODEL,
    venueOf: (venue) =>
      venue === 'paper' ? { kind: 'internal' } : { kind: 'external', broker: broker.portOf(process) },
    owner: process.name,
    leaseMs: LEASE_MS,
    monotonicMs: process.monotonicMs,
    observer: UNOBSERVED,
  });

  const work = async (job: TakenJob): Promise<void> => {
    taken.set(job.id, job);
    let how: 'completed' | 'retry' = 'completed';
    try {
      await running.run(job.id, (signal) =>
        handle({ data: job.data, traceCarrier: {}, signal, jobId: job.id, enqueuedAtMs: 0 }),
      );
    } catch {
      how = 'retry';
    }
    if (taken.get(job.id) === job) taken.delete(job.id);
    // When Redis does not answer the lock runs out, and the job comes again.
    await redis.end(process, job, how).catch(() => undefined);
  };
  const loop = async (): Promise<void> => {
    while (!isStopping) {
      try {
        await work(await redis.take(process));
      } catch {
        await process.sleep(RETRY_MS);
      }
    }
  };

  process.start(async () => {
    await leases.start();
    process.every(LOCK_MS / 2, () => {
      running.abortExpired(LOCK_MS);
      const jobs = [...taken.values()];
      if (jobs.length === 0) return;
      void redis.extendLocks(process, jobs).then(
        (lost) => {
          running.lockLost(lost);
          running.renewed(jobs.map(({ id }) => id).filter((id) => !lost.includes(id)));
        },
        () => undefined,
      );
    });
    process.every(STALLED_INTERVAL_MS, () => void redis.releaseStalled(process).catch(() => undefined));
    await Promise.all(Array.from({ length: CONCURRENCY }, loop));
    process.kill();
  });
  return {
    process,
    stop: () => {
      isStopping = true;
    },
  };
}
