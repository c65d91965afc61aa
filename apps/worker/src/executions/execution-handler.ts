import type { ClaimedExecution, ExecutionStore } from '@tripline/persistence';
import type { ExecutionJobRun } from '@tripline/queue';
import { failpoint } from '@tripline/runtime';
import { withSpan } from '@tripline/telemetry';

import { executeRun, type ExecuteRunOptions, type RunResult } from './execute-run';
import { keepLease } from './lease-keeper';

/** What is told about every run; none of them may throw. */
export interface RunObserver {
  /** The job had nothing to do: its run is finished, taken, or dispatched anew. */
  onNothingToDo(run: ExecutionJobRun): void;
  onStarted(run: ClaimedExecution): void;
  onEnded(run: ClaimedExecution, result: RunResult, seconds: number): void;
  /** The run goes back, or is failed for good when its attempts are used up. */
  onFailed(run: ClaimedExecution, error: unknown, becomes: 'pending' | 'failed' | 'unknown', seconds: number): void;
  /** Another worker owns the run by now; whatever this one wrote afterwards was refused. */
  onLeaseLost(run: ClaimedExecution, error: unknown): void;
}

export interface ExecutionHandlerOptions extends ExecuteRunOptions {
  readonly store: Pick<ExecutionStore, 'claim' | 'renew' | 'checkpoint' | 'submitToPaperBroker' | 'finish' | 'release'>;
  /** Names this process in `lease_owner`. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly observer: RunObserver;
}

/** Handles one job: claim, run, end. Resolves for every outcome that needs no second look by the queue. */
export function createExecutionHandler(options: ExecutionHandlerOptions): (job: ExecutionJobRun) => Promise<void> {
  const { store, owner, leaseMs, observer, monotonicMs } = options;
  return async (job) => {
    await failpoint('W1');
    const claimedAtMs = monotonicMs();
    const run = await store.claim(job.data.executionId, job.data.generation, { owner, leaseMs });
    if (run === null) return observer.onNothingToDo(job);
    observer.onStarted(run);
    await failpoint('W2');
    const parent = run.traceparent === null ? job.traceCarrier : { traceparent: run.traceparent };
    const lease = keepLease(run, claimedAtMs, {
      store,
      leaseMs,
      monotonicMs,
      onLost: (_lease, error) => observer.onLeaseLost(run, error),
    });
    try {
      await withSpan('execute pipeline', { kind: 'consumer', parent, attributes: attributesOf(run) }, async (span) => {
        const abort = AbortSignal.any([lease.signal, job.signal]);
        const result = await executeRun(run, abort, options);
        span.setAttributes({ status: result.status, stop_reason: result.stopReason ?? undefined });
        span.setAttributes({ client_order_id: result.order?.clientOrderId });
        observer.onEnded(run, result, (monotonicMs() - claimedAtMs) / 1000);
        await failpoint('W7');
      });
    } catch (error) {
      // The keeper of the lease has told of its loss already.
      if (lease.signal.aborted && isLeaseLost(error)) return;
      await giveBack(run, error, (monotonicMs() - claimedAtMs) / 1000, options);
    } finally {
      lease.release();
    }
  };
}

/** Ends an attempt that threw. Without a database nothing can be written: the lease runs out and the sweeper takes over. */
async function giveBack(
  run: ClaimedExecution,
  error: unknown,
  seconds: number,
  { store, observer }: ExecutionHandlerOptions,
): Promise<void> {
  if (isLeaseLost(error)) return observer.onLeaseLost(run, error);
  try {
    const { status } = await store.release(run, error instanceof Error ? error.message : String(error));
    observer.onFailed(run, error, status, seconds);
  } catch (releaseError) {
    if (isLeaseLost(releaseError)) observer.onLeaseLost(run, releaseError);
    else observer.onFailed(run, error, 'unknown', seconds);
  }
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
