import { DEAD_SIGNAL_REASONS, signalTypeLabel } from '@tripline/contracts';
import type { DecisionLogEntry } from '@tripline/decision-store';
import type { SweepResult } from '@tripline/execution-store';
import type { Metrics } from '@tripline/telemetry';

import type { ChunkReport } from './stages';

type SweepCause = SweepResult['requeue'][number]['cause'];

/** An execution without a job counts as a lost job, whether the job was never added or never reached a worker. */
const SWEEP_REASONS = {
  not_enqueued: 'lost',
  stale_job: 'lost',
  lease_expired: 'lease_expired',
  promoted: 'promoted',
} as const satisfies Record<SweepCause, string>;

export interface DispatchMetrics {
  recordOffsetsSkipped(topic: string, count: number): void;
  recordTopicRecreated(topic: string): void;
  recordChunk(report: ChunkReport): void;
  recordQuarantined(): void;
  recordDecisions(decisions: readonly DecisionLogEntry[]): void;
  recordEnqueued(count: number): void;
  /** One cause per execution that was requeued. */
  recordSweep(causes: readonly SweepCause[]): void;
}

/** The dispatcher's metrics. They are recorded after the commit, so they agree with the decision log. */
export function createDispatchMetrics(metrics: Metrics, group: string, now: () => number): DispatchMetrics {
  const consumed = metrics.counter('signals_consumed_total');
  const matched = metrics.counter('pipelines_matched_total');
  const enqueued = metrics.counter('pipelines_enqueued_total');
  const skippedRunning = metrics.counter('pipelines_skipped_running_total');
  const decided = metrics.counter('dispatch_decisions_total');
  const dead = metrics.counter('dead_signals_total');
  const duration = metrics.histogram('batch_processing_duration_seconds');
  const size = metrics.histogram('batch_size');
  const requeued = metrics.counter('sweeper_requeued_total');
  const backlog = metrics.gauge('sweeper_backlog');
  const offsetsSkipped = metrics.counter('kafka_offsets_skipped_total');
  const recreations = metrics.counter('kafka_topic_recreations_total');
  const age = metrics.histogram('signal_age_at_decision_seconds');
  metrics.init('signals_consumed_total', { consumer_group: group });
  for (const reason of DEAD_SIGNAL_REASONS) metrics.init('dead_signals_total', { reason });

  const recordDecisions = (decisions: readonly DecisionLogEntry[]): void => {
    // A reason belongs to exactly one outcome, so the two labels are kept in step.
    const counts = new Map<string, Map<string, { entry: DecisionLogEntry; count: number }>>();
    for (const entry of decisions) {
      const type = entry.signalType === null ? entry.triggerMode : signalTypeLabel(entry.signalType);
      let reasons = counts.get(type);
      if (reasons === undefined) counts.set(type, (reasons = new Map()));
      const known = reasons.get(entry.reason);
      if (known === undefined) reasons.set(entry.reason, { entry, count: 1 });
      else known.count += 1;
    }
    for (const [type, reasons] of counts) {
      for (const { entry, count } of reasons.values()) {
        decided.inc({ outcome: entry.outcome, reason: entry.reason, signal_type: type }, count);
        if (entry.outcome === 'SKIPPED_ACTIVE') skippedRunning.inc({}, count);
      }
    }
  };

  return {
    recordQuarantined: () => dead.inc({ reason: 'process_killer' }),
    recordChunk({ chunk, result, matched: byType, deadReasons, seconds }) {
      consumed.inc({ consumer_group: group }, chunk.messages.length);
      for (const [signalType, count] of byType) matched.inc({ signal_type: signalTypeLabel(signalType) }, count);
      for (const reason of deadReasons) dead.inc({ reason: reason as never });
      duration.observe({}, seconds);
      size.observe({}, chunk.messages.length);
      recordDecisions(result.decisions);
      if (result.decisions.length > 0) {
        const oldest = chunk.messages[0];
        if (oldest !== undefined) age.observe({}, Math.max(0, now() - oldest.timestampMs) / 1000);
      }
    },
    recordDecisions,
    recordEnqueued: (count) => enqueued.inc({}, count),
    recordOffsetsSkipped: (topic, count) => offsetsSkipped.inc({ topic }, count),
    recordTopicRecreated: (topic) => recreations.inc({ topic }),
    recordSweep(causes) {
      backlog.set({}, causes.length);
      for (const cause of causes) requeued.inc({ reason: SWEEP_REASONS[cause] });
    },
  };
}
