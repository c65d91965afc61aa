import { AGE_SECONDS, BATCH_SECONDS, COMPUTE_SECONDS, COUNT, REQUEST_SECONDS } from '../buckets';
import { counter, gauge, histogram } from '../definition';
import { DEAD_SIGNAL_REASON, DECISION_OUTCOME, DECISION_REASON, RUN_REFUSAL, SIGNAL_ACTION } from '../label-values';

/** Signals generated and published. */
export const SIGNAL_METRICS = {
  signals_generated_total: counter(['signal-generator', 'api'], 'Signals generated, by type and source.', {
    signal_type: 100,
    source: 50,
  }),
  signal_generation_duration_seconds: histogram(
    ['signal-generator'],
    'Time a generator took to process one bar.',
    COMPUTE_SECONDS,
    { generator: 50 },
  ),
  kafka_publish_success_total: counter(['signal-generator', 'api'], 'Records acknowledged by the broker.', {
    topic: 20,
  }),
  kafka_publish_failure_total: counter(['signal-generator', 'api'], 'Records the broker did not acknowledge.', {
    topic: 20,
    error: 30,
  }),
  kafka_publish_duration_seconds: histogram(
    ['signal-generator', 'api'],
    'Time from sending a batch to the acknowledgement of all in-sync replicas.',
    REQUEST_SECONDS,
    { topic: 20 },
  ),
  signals_total: counter(['signal-generator'], 'Signals by strategy and recommended action.', {
    strategy: 50,
    action: SIGNAL_ACTION,
  }),
  scans_total: counter(['signal-generator'], 'Scans of the market, one per generator and bar.', { strategy: 50 }),
  strategy_running: gauge(['signal-generator'], 'Whether a strategy runs: 1 yes, 0 no.', { strategy: 50 }),
} as const;

/** Deciding which pipelines a signal triggers. */
export const DISPATCH_METRICS = {
  signals_consumed_total: counter(['trigger-dispatcher'], 'Records read and committed, by consumer group.', {
    consumer_group: 10,
  }),
  pipelines_matched_total: counter(['trigger-dispatcher'], 'Pipelines matched, by signal type.', { signal_type: 100 }),
  pipelines_enqueued_total: counter(['trigger-dispatcher'], 'Executions handed to the queue.', {}),
  pipelines_skipped_running_total: counter(
    ['trigger-dispatcher'],
    'Matches skipped because an execution of the same pipeline was active.',
    {},
  ),
  pipeline_cache_size: gauge(['trigger-dispatcher'], 'Pipelines in the matching index.', {}),
  pipeline_cache_age_seconds: gauge(
    ['trigger-dispatcher'],
    'Time since the matching index was last known to be current.',
    {},
  ),
  near_miss_searches_total: counter(
    ['trigger-dispatcher'],
    'Signals searched for near misses, and signals skipped because the limit per second was reached.',
    { result: ['searched', 'skipped'] },
  ),
  near_misses_total: counter(
    ['trigger-dispatcher'],
    'Near misses recorded for explanations, and near misses dropped.',
    {
      result: ['recorded', 'dropped'],
    },
  ),
  batch_processing_duration_seconds: histogram(
    ['trigger-dispatcher'],
    'Time from receiving a batch to committing its offsets.',
    BATCH_SECONDS,
    {},
  ),
  batch_size: histogram(['trigger-dispatcher'], 'Records per batch.', COUNT, {}),
  dispatch_decisions_total: counter(
    ['trigger-dispatcher', 'api'],
    'Decisions in the decision log, by outcome, reason and signal type.',
    { outcome: DECISION_OUTCOME, reason: DECISION_REASON, signal_type: 100 },
  ),
  dead_signals_total: counter(['trigger-dispatcher'], 'Records of the topic that are not a valid signal, by reason.', {
    reason: DEAD_SIGNAL_REASON,
  }),
  kafka_consumer_lag: gauge(
    ['trigger-dispatcher'],
    'Records between the committed offset and the end of a partition.',
    {
      topic: 20,
      partition: 256,
    },
  ),
  kafka_offsets_skipped_total: counter(
    ['trigger-dispatcher'],
    'Offsets skipped without a decision: retention overtook the consumer group, or its offsets were moved.',
    { topic: 20 },
  ),
  kafka_topic_recreations_total: counter(['trigger-dispatcher'], 'Partitions whose topic was truncated or recreated.', {
    topic: 20,
  }),
  kafka_consumer_last_poll_age_seconds: gauge(
    ['trigger-dispatcher'],
    'Time since the consumer last polled the broker.',
    {},
  ),
  signal_age_at_decision_seconds: histogram(
    ['trigger-dispatcher'],
    'Time from the broker appending a signal to the decision on it.',
    AGE_SECONDS,
    {},
  ),
  signal_age_at_order_seconds: histogram(
    ['worker'],
    'Time from the broker appending a signal to the order it led to.',
    AGE_SECONDS,
    {},
  ),
  signal_to_execution_start_seconds: histogram(
    ['worker'],
    'Time from the broker appending a signal to the start of the execution it led to.',
    AGE_SECONDS,
    {},
  ),
  sweeper_requeued_total: counter(
    ['trigger-dispatcher'],
    'Executions the sweeper put back into the queue, by reason.',
    {
      reason: ['lost', 'lease_expired', 'promoted'],
    },
  ),
  zombie_writes_rejected_total: counter(
    ['worker'],
    'Writes and lease renewals denied because another worker owns the execution.',
    { operation: ['renew', 'checkpoint', 'submit', 'finish', 'release'] },
  ),
  executions_refused_total: counter(
    ['worker'],
    'Executions denied after the decision, at their start or at their order, by reason.',
    { stage: ['start', 'order'], reason: RUN_REFUSAL },
  ),
  sweeper_backlog: gauge(['trigger-dispatcher'], 'Overdue executions the sweeper found in its last pass.', {}),
} as const;
