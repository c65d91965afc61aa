import { quantileQueries, type DashboardSpec, type PanelSpec, type RowSpec } from './panel';

const RATE = '[$__rate_interval]';
const greenAbove = (warn: number, good: number): PanelSpec['thresholds'] => [
  { from: null, color: 'red' },
  { from: warn, color: 'orange' },
  { from: good, color: 'green' },
];
const RED_ABOVE_ZERO: PanelSpec['thresholds'] = [
  { from: null, color: 'green' },
  { from: 0.000001, color: 'red' },
];
const NO_TRAFFIC = 'no traffic';
const third = { width: 8, height: 8 } as const;
const half = { width: 12, height: 8 } as const;

/** A gauge about the whole system: every API replica exports the same figure, so the largest is the figure. */
function systemStat(title: string, metric: string, description: string, more: Partial<PanelSpec> = {}): PanelSpec {
  const queries = [{ expr: `max(${metric}{job="backend"})`, legend: title }];
  return { title, description, kind: 'stat', unit: 'short', decimals: 0, width: 4, height: 4, queries, ...more };
}

/** UP only while every instance of the job answers; a job without any target is DOWN, not "no data". */
function serviceStatus(title: string, job: string, requiredAs?: string): PanelSpec {
  return {
    title,
    requiredAs,
    description: `Whether Prometheus reaches /metrics of every instance of job ${job}.`,
    kind: 'status',
    unit: 'none',
    width: 6,
    height: 4,
    queries: [{ expr: `min(up{job="${job}"}) or vector(0)`, legend: title }],
  };
}

const systemHealth: RowSpec = {
  title: 'System Health',
  panels: [
    systemStat('Active Pipelines', 'system_active_pipelines', 'Pipelines that are switched on.'),
    systemStat('Active Users', 'system_active_users', 'Users with at least one active pipeline.'),
    systemStat('Executions Today', 'system_executions_today_executions', 'Executions created since midnight UTC.'),
    systemStat(
      'Success Rate (24h)',
      'system_success_rate_24h_percent',
      'Completed executions among those that ended in the last 24 hours.',
      { unit: 'percent', decimals: 1, min: 0, max: 100, thresholds: greenAbove(90, 98) },
    ),
    systemStat('Running Now', 'system_executions_running_executions', 'Executions a worker holds right now.'),
    systemStat(
      'Pending',
      'system_executions_pending_executions',
      'Executions decided but not yet claimed by a worker.',
    ),
  ],
};

const systemStatus: RowSpec = {
  title: 'System Status',
  panels: [
    serviceStatus('Backend API', 'backend'),
    serviceStatus('Worker', 'worker', 'Celery Worker'),
    serviceStatus('Signal Generator', 'signal-generator'),
    serviceStatus('Trigger Dispatcher', 'trigger-dispatcher'),
  ],
};

const GENERATOR = 'job="signal-generator"';
const PUBLISHED = `sum(rate(kafka_publish_success_total{${GENERATOR}}${RATE}))`;
const PUBLISH_FAILED = `(sum(rate(kafka_publish_failure_total{${GENERATOR}}${RATE})) or vector(0))`;

const signalGenerator: RowSpec = {
  title: 'Signal Generator Service',
  panels: [
    {
      title: 'Signal Generation Rate',
      description: 'Signals made per second, by signal type.',
      kind: 'timeseries',
      unit: 'cps',
      min: 0,
      ...half,
      queries: [
        {
          expr: `sum by (signal_type) (rate(signals_generated_total{${GENERATOR}}${RATE}))`,
          legend: '{{signal_type}}',
        },
      ],
    },
    {
      title: 'Total Signals Generated',
      description: 'Signals made since the generator started.',
      kind: 'stat',
      unit: 'short',
      decimals: 0,
      width: 4,
      height: 8,
      queries: [{ expr: `sum(signals_generated_total{${GENERATOR}})`, legend: 'signals' }],
    },
    {
      title: 'Kafka Publish Latency',
      description: 'Time from handing a message to the producer until the broker has acknowledged it.',
      kind: 'timeseries',
      unit: 's',
      min: 0,
      noValue: NO_TRAFFIC,
      width: 8,
      height: 8,
      queries: quantileQueries('kafka_publish_duration_seconds', GENERATOR),
    },
    {
      title: 'Kafka Publish Success Rate',
      description: 'Acknowledged messages among all that were sent. Empty while nothing is published.',
      kind: 'timeseries',
      unit: 'percentunit',
      min: 0,
      max: 1,
      noValue: NO_TRAFFIC,
      ...half,
      queries: [{ expr: `${PUBLISHED} / ((${PUBLISHED} + ${PUBLISH_FAILED}) > 0)`, legend: 'success rate' }],
    },
    {
      title: 'Kafka Failures',
      description: 'Messages per second that the broker did not take, by error; 0 while all is well.',
      kind: 'timeseries',
      unit: 'cps',
      min: 0,
      thresholds: RED_ABOVE_ZERO,
      ...half,
      queries: [
        {
          expr: `sum by (error) (rate(kafka_publish_failure_total{${GENERATOR}}${RATE})) or on () vector(0)`,
          legend: 'failures {{error}}',
        },
      ],
    },
  ],
};

const DISPATCHER = 'job="trigger-dispatcher"';

/** A counter of the dispatcher as a rate per second. */
function dispatchRate(title: string, metric: string, by: string | undefined, description: string): PanelSpec {
  const sum = by === undefined ? 'sum' : `sum by (${by})`;
  const queries = [{ expr: `${sum} (rate(${metric}{${DISPATCHER}}${RATE}))`, legend: by ? `{{${by}}}` : title }];
  return { title, description, kind: 'timeseries', unit: 'cps', min: 0, ...third, queries };
}

const triggerDispatcher: RowSpec = {
  title: 'Trigger Dispatcher Service',
  panels: [
    {
      title: 'Cached Pipelines',
      description: 'Active pipelines in the match index of the dispatcher that holds the fewest.',
      kind: 'stat',
      unit: 'short',
      decimals: 0,
      ...third,
      queries: [{ expr: `min(pipeline_cache_size{${DISPATCHER}})`, legend: 'pipelines' }],
    },
    dispatchRate('Signals Consumed', 'signals_consumed_total', 'consumer_group', 'Signals read from Kafka per second.'),
    dispatchRate(
      'Pipelines Matched',
      'pipelines_matched_total',
      'signal_type',
      'Pairs of signal and matching pipeline per second, by signal type; each gets one decision.',
    ),
    dispatchRate(
      'Pipelines Enqueued',
      'pipelines_enqueued_total',
      undefined,
      'Executions handed to the queue per second.',
    ),
    {
      ...dispatchRate(
        'Pipelines Skipped',
        'pipelines_skipped_running_total',
        undefined,
        'Matches per second that did not fire because the pipeline still had an execution running.',
      ),
      requiredAs: 'Pipelines Skipped (already running)',
    },
    {
      title: 'Batch Processing Latency',
      description: 'Time to decide one batch of signals: match, transaction, enqueue, commit.',
      kind: 'timeseries',
      unit: 's',
      min: 0,
      noValue: NO_TRAFFIC,
      ...third,
      queries: quantileQueries('batch_processing_duration_seconds', DISPATCHER),
    },
  ],
};

const WORKER = 'job="worker"';
const COMPLETED = `(sum(rate(pipeline_executions_total{${WORKER},status="completed"}${RATE})) or vector(0))`;
const ENDED = `sum(rate(pipeline_executions_total{${WORKER},status=~"completed|failed|timed_out"}${RATE}))`;

const pipelineExecution: RowSpec = {
  title: 'Pipeline Execution',
  panels: [
    {
      title: 'Pipeline Executions',
      requiredAs: 'Pipeline Executions (by status)',
      description: 'Executions that ended per second, by status.',
      kind: 'timeseries',
      unit: 'cps',
      min: 0,
      ...third,
      queries: [{ expr: `sum by (status) (rate(pipeline_executions_total{${WORKER}}${RATE}))`, legend: '{{status}}' }],
    },
    {
      title: 'Execution Duration',
      requiredAs: 'Execution Duration (p50, p95, p99)',
      description: 'Time from claim to end of an execution.',
      kind: 'timeseries',
      unit: 's',
      min: 0,
      noValue: NO_TRAFFIC,
      ...third,
      queries: quantileQueries('pipeline_execution_duration_seconds', WORKER),
    },
    {
      title: 'Agent Duration (p95)',
      requiredAs: 'Per-agent time',
      description: '95th percentile of the time one agent takes, by agent.',
      kind: 'timeseries',
      unit: 's',
      min: 0,
      noValue: NO_TRAFFIC,
      ...third,
      queries: [
        {
          expr: `histogram_quantile(0.95, sum by (le, agent_type) (rate(pipeline_agent_execution_duration_seconds_bucket{${WORKER}}${RATE})))`,
          legend: '{{agent_type}}',
        },
      ],
    },
    {
      title: 'Execution Success Rate',
      description: 'Completed executions among those that completed, failed or timed out. Empty while none ends.',
      kind: 'timeseries',
      unit: 'percentunit',
      min: 0,
      max: 1,
      noValue: NO_TRAFFIC,
      ...half,
      queries: [{ expr: `${COMPLETED} / (${ENDED} > 0)`, legend: 'success rate' }],
    },
    {
      title: 'Total Execution Cost',
      description: 'Cost of all executions since the workers started.',
      kind: 'stat',
      unit: 'currencyUSD',
      decimals: 4,
      ...half,
      queries: [{ expr: `sum(pipeline_execution_cost_sum{${WORKER}})`, legend: 'cost' }],
    },
  ],
};

/** The first page an operator opens: is the system up, is it working, where is it slow. */
export const tradingPlatformOverview: DashboardSpec = {
  uid: 'trading-platform-overview',
  title: 'Trading Platform Overview',
  description: 'Signals in, decisions, executions out: health, rates and latencies of the four services.',
  tags: ['tripline', 'overview'],
  refresh: '10s',
  from: 'now-1h',
  rows: [systemHealth, systemStatus, signalGenerator, triggerDispatcher, pipelineExecution],
};
