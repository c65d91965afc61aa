import type { DecisionLogEntry, PurgeResult } from '@tripline/decision-store';
import type { SweepResult } from '@tripline/execution-store';
import type { QueuedExecution } from '@tripline/queue';
import type { Logger } from '@tripline/telemetry';

import type { DispatchMetrics } from './dispatch-metrics';
import type { ChunkReport } from './stages';

/** Turns dispatch events into log lines and metrics. Logs one line for each chunk with at least one decision. */
export function createDispatchReports({ logger, metrics }: { logger: Logger; metrics: DispatchMetrics }) {
  return {
    onDispatched(report: ChunkReport): void {
      metrics.recordChunk(report);
      const { result, deadReasons } = report;
      reportGap(logger, metrics, report);
      const level = deadReasons.length > 0 ? 'warn' : result.decisions.length > 0 ? 'info' : 'debug';
      logger[level](describeChunk(report), 'chunk dispatched');
    },
    onTopicRecreated(partition: { topic: string; partition: number; epoch: number }): void {
      metrics.recordTopicRecreated(partition.topic);
      const fields = { event: 'topic_recreated', ...partition };
      logger.error(fields, 'topic was truncated or recreated; reprocessing from offset 0 in a new epoch');
    },
    onQuarantined({ topic, partition, offset }: { topic: string; partition: number; offset: bigint }): void {
      metrics.recordQuarantined();
      const fields = { event: 'record_quarantined', topic, partition, offset: String(offset) };
      logger.error(fields, 'record crashed the process repeatedly; quarantined');
    },
    onDecided(decisions: readonly DecisionLogEntry[]): void {
      metrics.recordDecisions(decisions);
      for (const { pipelineId, signalId, triggerMode, outcome, reason, executionId } of decisions) {
        const ids = { pipeline_id: pipelineId, signal_id: signalId, execution_id: executionId };
        logger.info(
          { event: 'trigger_decided', ...ids, trigger_mode: triggerMode, outcome, reason },
          'trigger decided',
        );
      }
    },
    onEnqueued: (count: number): void => metrics.recordEnqueued(count),
    onEnqueueFailed(error: unknown, { length: executions }: readonly QueuedExecution[]): void {
      logger.warn(
        { event: 'enqueue_failed', executions, err: error },
        'jobs not enqueued; the sweeper will enqueue them',
      );
    },
    onIndexLoaded({ pipelines, changed, seconds }: { pipelines: number; changed: number; seconds: number }): void {
      const fields = { event: 'pipelines_loaded', pipelines, changed, durationMs: Math.round(seconds * 1000) };
      logger.debug(fields, 'match index compared with all pipelines');
    },
    onIndexChanged({ pipelines, seconds }: { pipelines: number; seconds: number }): void {
      const fields = { event: 'pipelines_changed', pipelines, durationMs: Math.round(seconds * 1000) };
      logger.debug(fields, 'match index updated with changed pipelines');
    },
    onIndexLoadFailed(error: unknown): void {
      logger.warn(
        { event: 'pipelines_load_failed', err: error },
        'pipelines not reloaded; the last loaded ones stay in use',
      );
    },
    onSwept({ requeue, failed, timedOut, expired }: SweepResult): void {
      metrics.recordSweep(requeue.map(({ cause }) => cause));
      if ([requeue, failed, timedOut, expired].every(({ length }) => length === 0)) return;
      const counts = { requeued: requeue.length, failed: failed.length, timed_out: timedOut.length };
      logger.info({ event: 'executions_swept', ...counts, expired: expired.length }, 'executions swept');
    },
    ...createLoopReports(logger),
  };
}

export type DispatchReports = ReturnType<typeof createDispatchReports>;

/** Reports of the periodic loops. Each loop retries failed work in its next round. */
function createLoopReports(logger: Logger) {
  return {
    onDecisionLogPurged({ signals, decisions, deadSignals }: PurgeResult): void {
      const counts = { signals, decisions, dead_signals: deadSignals };
      logger.info({ event: 'ledger_purged', ...counts }, 'old decisions deleted');
    },
    onDecisionLogPurgeFailed: (error: unknown): void =>
      logger.warn({ event: 'ledger_purge_failed', err: error }, 'old decisions not deleted; will retry'),
    onSweepFailed: (error: unknown): void =>
      logger.warn({ event: 'sweep_failed', err: error }, 'sweep failed; will retry'),
    onScheduleFailed: (error: unknown): void =>
      logger.warn({ event: 'schedule_failed', err: error }, 'scheduler round failed; will retry'),
    onDeadlinesFailed: (error: unknown): void =>
      logger.warn({ event: 'rule_deadlines_failed', err: error }, 'rule deadlines not fired; will retry'),
  };
}

function describeChunk({ chunk, result, deadReasons, seconds }: ChunkReport) {
  return {
    event: 'signals_dispatched',
    topic: chunk.topic,
    partition: chunk.partition,
    first_offset: String(chunk.messages[0]?.offset ?? ''),
    last_offset: String(chunk.messages.at(-1)?.offset ?? ''),
    records: chunk.messages.length,
    decisions: result.decisions.length,
    triggered: result.created.length,
    dead: deadReasons.length,
    duplicates: result.counted.duplicates,
    durationMs: Math.round(seconds * 1000),
  };
}

/** Offsets that were never read: retention deleted unread records, or someone moved the group's offsets. */
function reportGap(
  logger: Logger,
  metrics: DispatchMetrics,
  { chunk: { topic, partition, messages }, result }: ChunkReport,
): void {
  const [expected, found] = [result.previousNextOffset, messages[0]?.offset];
  if (expected === null || found === undefined || found <= expected) return;
  metrics.recordOffsetsSkipped(topic, Number(found - expected));
  const fields = { event: 'offsets_skipped', topic, partition, from: String(expected), to: String(found) };
  logger.error(fields, 'offset gap: records were skipped without a decision');
}
