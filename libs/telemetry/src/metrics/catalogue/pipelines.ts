import { AGENT_SECONDS, COST_USD, EXECUTION_SECONDS } from '../buckets';
import { counter, gauge, histogram } from '../definition';
import { AGENT_TYPE, EXECUTION_STATUS, TRIGGER_MODE } from '../label-values';

/** System health, computed from PostgreSQL by the api only. */
export const SYSTEM_METRICS = {
  system_active_pipelines: gauge(['api'], 'Active pipelines.', {}),
  system_total_pipelines: gauge(['api'], 'Pipelines of all users.', {}),
  system_signal_pipelines: gauge(['api'], 'Active pipelines triggered by signals.', {}),
  system_periodic_pipelines: gauge(['api'], 'Active pipelines triggered by a schedule.', {}),
  system_active_users: gauge(['api'], 'Users with at least one active pipeline.', {}),
  system_total_users: gauge(['api'], 'Registered users.', {}),
  system_executions_today_executions: gauge(['api'], 'Executions started today (UTC).', {}),
  system_executions_running_executions: gauge(['api'], 'Executions running now.', {}),
  system_executions_pending_executions: gauge(['api'], 'Executions waiting in the queue.', {}),
  system_success_rate_24h_percent: gauge(
    ['api'],
    'Completed share of the executions finished in the last 24 hours, 0 to 100.',
    {},
  ),
  system_collect_errors_total: counter(['api'], 'Failed attempts to compute the system_* gauges.', {}),
} as const;

/** Pipeline executions. */
export const PIPELINE_METRICS = {
  pipeline_executions_total: counter(['worker'], 'Pipeline executions by final status.', {
    status: EXECUTION_STATUS,
    pipeline_id: 'pipeline',
    trigger_mode: TRIGGER_MODE,
  }),
  pipeline_execution_duration_seconds: histogram(
    ['worker'],
    'Time from claiming an execution to its final status.',
    EXECUTION_SECONDS,
    { pipeline_id: 'pipeline', status: EXECUTION_STATUS },
  ),
  pipeline_agent_execution_duration_seconds: histogram(
    ['worker'],
    'Duration of one agent of an execution.',
    AGENT_SECONDS,
    { agent_type: AGENT_TYPE, pipeline_id: 'pipeline' },
  ),
  pipeline_execution_cost: histogram(['worker'], 'Cost of an execution in US dollars.', COST_USD, {
    pipeline_id: 'pipeline',
  }),
} as const;
