import { DEAD_SIGNAL_REASONS } from '@tripline/contracts';
import { DECISION_OUTCOMES, DECISION_REASONS } from '@tripline/decisions';
import { REJECTION_KINDS } from '@tripline/market';
import { HALT_LEVELS, HALT_MODES } from '@tripline/risk';
import { AGENT_TYPES, EXECUTION_STATUSES, TRIGGER_MODES } from '@tripline/triggers';
import { METRIC_CATALOGUE } from '@tripline/telemetry';

// Telemetry imports none of our libs, so it repeats these lists. This spec keeps the copies equal.
describe("the catalogue's closed label values", () => {
  it.each([
    ['outcomes', METRIC_CATALOGUE.dispatch_decisions_total.labels.outcome, DECISION_OUTCOMES],
    ['reasons', METRIC_CATALOGUE.dispatch_decisions_total.labels.reason, DECISION_REASONS],
    ['dead-signal reasons', METRIC_CATALOGUE.dead_signals_total.labels.reason, DEAD_SIGNAL_REASONS],
    ['statuses', METRIC_CATALOGUE.pipeline_executions_total.labels.status, EXECUTION_STATUSES],
    ['history rows', METRIC_CATALOGUE.history_rows_total.labels.result, ['loaded', ...REJECTION_KINDS]],
    ['halt levels', METRIC_CATALOGUE.trading_halts_active.labels.level, HALT_LEVELS],
    ['halt modes', METRIC_CATALOGUE.trading_halts_active.labels.mode, HALT_MODES],
    ['trigger modes', METRIC_CATALOGUE.pipeline_executions_total.labels.trigger_mode, TRIGGER_MODES],
  ])('equal the %s of the domain', (_name, labels, domain) => {
    expect([...labels].sort()).toEqual([...domain].sort());
  });

  it('include every agent', () => {
    const { agent_type } = METRIC_CATALOGUE.pipeline_agent_execution_duration_seconds.labels;
    expect(agent_type).toEqual(expect.arrayContaining([...AGENT_TYPES]));
  });
});
