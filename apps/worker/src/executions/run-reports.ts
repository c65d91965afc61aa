import { signalTypeLabel } from '@tripline/contracts';
import type { ClaimedExecution, DeniedStart } from '@tripline/execution-store';
import type { ExecutionJobRun, QueuedExecution } from '@tripline/queue';
import type { LogFields, Logger, Metrics, OwnedLabel } from '@tripline/telemetry';

import { MOCK_TICKER_PREFIX } from '../market-data/bar-source';
import type { RunObserver } from './execution-handler';
import type { RunResult } from './execute-run';

/** Observers of executions, and of the components that support them. */
export interface RunReports extends RunObserver {
  onRenewalFailed(error: unknown, leases: number): void;
  onPromotionFailed(error: unknown, executions: readonly QueuedExecution[]): void;
}

/** Turns the progress of executions into metrics and one log line per execution. */
export function createRunReports(options: {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly queue: string;
  readonly now: () => number;
}): RunReports {
  const { logger, metrics, queue, now } = options;
  const executions = metrics.counter('pipeline_executions_total');
  const duration = metrics.histogram('pipeline_execution_duration_seconds');
  const tasks = metrics.counter('worker_tasks_total');
  const refused = metrics.counter('executions_refused_total');
  const untilStart = metrics.histogram('signal_to_execution_start_seconds');
  const recordResult = createResultRecorder(metrics, now);
  for (const status of ['completed', 'failed', 'skipped'] as const)
    metrics.init('worker_tasks_total', { queue, status });

  return {
    ...createServiceReports(logger),
    onNothingToDo(job: ExecutionJobRun): void {
      tasks.inc({ queue, status: 'skipped' });
      const { executionId, generation } = job.data;
      logger.debug({ event: 'execution_not_claimed', execution_id: executionId, generation }, 'job has nothing to do');
    },
    onDenied(run: DeniedStart): void {
      tasks.inc({ queue, status: 'completed' });
      refused.inc({ stage: 'start', reason: run.denial });
      executions.inc({ status: 'skipped', pipeline_id: pipelineLabel(run), trigger_mode: run.triggerMode });
      const { executionId: execution_id, pipelineId: pipeline_id, userId: user_id, denial } = run;
      const fields = { event: 'execution_refused', execution_id, pipeline_id, user_id, stop_reason: denial };
      logger.info(fields, 'pipeline execution not started');
    },
    onStarted(run: ClaimedExecution): void {
      if (run.attempt === 1) untilStart.observe({}, Math.max(0, now() - (run.appendedAt ?? run.createdAt)) / 1000);
    },
    onEnded(run, result, seconds): void {
      tasks.inc({ queue, status: 'completed' });
      executions.inc({ status: result.status, pipeline_id: pipelineLabel(run), trigger_mode: run.triggerMode });
      duration.observe({ pipeline_id: pipelineLabel(run), status: result.status }, seconds);
      if (result.ending.denial !== null) refused.inc({ stage: 'order', reason: result.ending.denial });
      recordResult(run, result);
      logger.info(describeEnd(run, result, seconds), 'pipeline execution completed');
    },
    onFailed(run, error, becomes, seconds): void {
      tasks.inc({ queue, status: becomes === 'pending' ? 'retried' : 'failed' });
      if (becomes === 'failed') {
        executions.inc({ status: 'failed', pipeline_id: pipelineLabel(run), trigger_mode: run.triggerMode });
        duration.observe({ pipeline_id: pipelineLabel(run), status: 'failed' }, seconds);
      }
      const fields = { event: 'pipeline_execution_failed', ...idsOf(run), becomes, err: error };
      logger[becomes === 'failed' ? 'error' : 'warn'](fields, 'pipeline execution failed');
    },
    onLeaseLost(run, error): void {
      tasks.inc({ queue, status: 'stalled' });
      logger.warn(
        { event: 'lease_lost', ...idsOf(run), err: error },
        'lease lost: another worker owns the execution, or it was cancelled',
      );
    },
  };
}

function createServiceReports(logger: Logger): Omit<RunReports, keyof RunObserver> {
  return {
    onRenewalFailed: (error, leases) =>
      logger.warn({ event: 'leases_not_renewed', leases, err: error }, 'leases not renewed; will retry'),
    onPromotionFailed: (error, { length: runs }) =>
      logger.warn(
        { event: 'promotion_not_enqueued', runs, err: error },
        'jobs not enqueued; the sweeper will enqueue them',
      ),
  };
}

/** Records the metrics of the agents and of the order. */
function createResultRecorder(metrics: Metrics, now: () => number): (run: ClaimedExecution, result: RunResult) => void {
  const agents = metrics.histogram('pipeline_agent_execution_duration_seconds');
  const cost = metrics.histogram('pipeline_execution_cost');
  const orders = metrics.counter('orders_total');
  const trades = metrics.counter('trades_total');
  const untilOrder = metrics.histogram('signal_age_at_order_seconds');
  return (run, { steps, order, fill, ending, cost: total }) => {
    for (const { agent, durationMs } of steps) {
      agents.observe({ agent_type: agent, pipeline_id: pipelineLabel(run) }, durationMs / 1000);
    }
    cost.observe({ pipeline_id: pipelineLabel(run) }, Number(total));
    if (order === null) return;
    const side = order.side === 'BUY' ? 'buy' : 'sell';
    orders.inc({
      strategy: run.signal ? signalTypeLabel(run.signal.signalType) : run.triggerMode,
      side,
      status: order.status,
    });
    untilOrder.observe({}, Math.max(0, now() - (run.appendedAt ?? run.createdAt)) / 1000);
    if (fill !== null) trades.inc({ symbol: symbolLabel(fill.ticker), side, result: resultOf(ending.realisedPnl) });
  };
}

/** The owners share the worker's `pipeline_id` label slots. */
function pipelineLabel(run: Pick<ClaimedExecution, 'pipelineId' | 'userId'>): OwnedLabel {
  return { value: run.pipelineId, owner: run.userId };
}

/** Mock bars exist for every ticker with the prefix, so users could create any number of symbols. */
function symbolLabel(ticker: string): string {
  return ticker.startsWith(MOCK_TICKER_PREFIX) ? `${MOCK_TICKER_PREFIX}*` : ticker;
}

function resultOf(realisedPnl: string | null): 'win' | 'loss' | 'open' {
  const pnl = Number(realisedPnl ?? 0);
  if (pnl === 0) return 'open';
  return pnl > 0 ? 'win' : 'loss';
}

function describeEnd(run: ClaimedExecution, result: RunResult, seconds: number): LogFields {
  return {
    event: 'pipeline_execution_completed',
    ...idsOf(run),
    status: result.status,
    stop_reason: result.stopReason,
    client_order_id: result.order?.clientOrderId,
    order_status: result.order?.status,
    cost: result.cost,
    durationMs: Math.round(seconds * 1_000_000) / 1_000,
  };
}

function idsOf(run: ClaimedExecution): Record<string, unknown> {
  return {
    execution_id: run.executionId,
    pipeline_id: run.pipelineId,
    user_id: run.userId,
    signal_id: run.signal?.signalId,
    trigger_mode: run.triggerMode,
    attempt: run.attempt,
  };
}
