import type { ClaimedExecution, ExecutionStore, DeniedStart } from '@tripline/execution-store';
import type { ExecutionJobRun } from '@tripline/queue';
import { failpoint } from '@tripline/failpoints';
import { withSpan } from '@tripline/telemetry';

import { executeRun, type ExecuteRunOptions, type RunResult } from './execute-run';
import type { HeldLease, LeaseKeeper } from './lease-keeper';

/** Observes every execution. No callback may throw. */
export interface RunObserver {
  /** The job had nothing to do: its execution is finished, taken, or dispatched again. */
  onNothingToDo(run: ExecutionJobRun): void;
  /** The execution was denied at its claim: halted, too old, switched off. */
  onDenied(run: DeniedStart): void;
  onStarted(run: ClaimedExecution): void;
  onEnded(run: ClaimedExecution, result: RunResult, seconds: number): void;
  /** The execution is released, or failed for good when its attempts are used up. */
  onFailed(run: ClaimedExecution, error: unknown, becomes: 'pending' | 'failed' | 'unknown', seconds: number): void;
  /** Another worker owns the execution now, or it was cancelled; later writes of this worker had no effect. */
  onLeaseLost(run: ClaimedExecution, error: unknown): void;
}

export interface ExecutionHandlerOptions extends ExecuteRunOptions {
  readonly store: Pick<ExecutionStore, 'claim' | 'checkpoint' | 'finish' | 'finishWithOrder' | 'release'>;
  readonly leases: LeaseKeeper;
  /** Identifies this process in `lease_owner`. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly observer: RunObserver;
}

/** Handles one job: claim, execute, finish. Resolves for every outcome that needs no retry by the queue. */
export function createExecutionHandler(options: ExecutionHandlerOptions): (job: ExecutionJobRun) => Promise<void> {
  const { store, owner, leaseMs, observer, monotonicMs } = options;
  return async (job) => {
    await failpoint('before-claim');
    const claimedAtMs = monotonicMs();
    const run = await store.claim(job.data.executionId, job.data.generation, { owner, leaseMs });
    if (run === null) return observer.onNothingToDo(job);
    if ('denial' in run) return observer.onDenied(run);
    observer.onStarted(run);
    const lease = options.leases.hold(run, claimedAtMs, (error) => observer.onLeaseLost(run, error));
    try {
      await failpoint('after-claim');
      await runTraced(run, job, guardedBy(lease, job.signal), claimedAtMs, options);
    } catch (error) {
      await giveBack(run, error, (monotonicMs() - claimedAtMs) / 1000, lease, options);
    } finally {
      lease.release();
    }
  };
}

async function runTraced(
  run: ClaimedExecution,
  job: ExecutionJobRun,
  lease: HeldLease,
  claimedAtMs: number,
  options: ExecutionHandlerOptions,
): Promise<void> {
  const parent = run.traceparent === null ? job.traceCarrier : { traceparent: run.traceparent };
  await withSpan('execute pipeline', { kind: 'consumer', parent, attributes: attributesOf(run) }, async (span) => {
    const result = await executeRun(run, lease, options);
    span.setAttributes({ status: result.status, stop_reason: result.stopReason ?? undefined });
    span.setAttributes({ client_order_id: result.order?.clientOrderId });
    options.observer.onEnded(run, result, (options.monotonicMs() - claimedAtMs) / 1000);
    await failpoint('after-execution-end');
  });
}

/** A stopping service or a lost job lock ends an execution in the same way as a lost lease. */
function guardedBy(lease: HeldLease, signal: AbortSignal): HeldLease {
  return {
    ...lease,
    throwIfLost() {
      lease.throwIfLost();
      signal.throwIfAborted();
    },
  };
}

/** Ends an attempt that threw. Without a database nothing can be written: the lease expires and the sweeper takes over. */
async function giveBack(
  run: ClaimedExecution,
  error: unknown,
  seconds: number,
  lease: HeldLease,
  { store, observer }: ExecutionHandlerOptions,
): Promise<void> {
  if (isLeaseLost(error)) return tellLoss(run, error, lease, observer);
  lease.beginEnding();
  try {
    const { status } = await store.release(run, error instanceof Error ? error.message : String(error));
    observer.onFailed(run, error, status, seconds);
  } catch (releaseError) {
    if (isLeaseLost(releaseError)) tellLoss(run, releaseError, lease, observer);
    else observer.onFailed(run, error, 'unknown', seconds);
  }
}

/** Reports at most once, because the lease keeper may already have reported the loss. */
function tellLoss(run: ClaimedExecution, error: unknown, lease: HeldLease, observer: RunObserver): void {
  try {
    lease.throwIfLost();
  } catch {
    return;
  }
  observer.onLeaseLost(run, error);
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof Error && error.name === 'LeaseLostError';
}

function attributesOf(run: ClaimedExecution): Record<string, string | number> {
  return {
    execution_id: run.executionId,
    pipeline_id: run.pipelineId,
    pipeline_version: run.pipeline.version,
    trigger_mode: run.triggerMode,
    attempt: run.attempt,
    ...(run.signal === null ? {} : { signal_id: run.signal.signalId, signal_type: run.signal.signalType }),
  };
}
