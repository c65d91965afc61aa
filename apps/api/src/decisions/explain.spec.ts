import { DECISION_REASONS } from '@tripline/decisions';
import { NEAR_MISS_REASONS } from '@tripline/matching';
import type { NearMissRecord, WhyEntry } from '@tripline/decision-store';

import { decisionLogEntry } from '../../test/fake-repositories';
import { explain } from './explain';

const miss: NearMissRecord = {
  pipelineId: 'p',
  signalId: 's',
  signalType: 'rsi',
  ticker: 'AAPL',
  reason: 'confidence',
  detail: {
    pipeline_version: 1,
    direction: 'BULLISH',
    confidence: 71,
    source: 'mock',
    wanted_type: 'golden_cross',
    wanted_direction: 'BEARISH',
    wanted_source: 'webhook:tradingview',
    min_confidence: 75,
    short_by: 4,
  },
  occurredAt: 0,
};
const missed = (reason: NearMissRecord['reason']): string => explain({ kind: 'near_miss', at: 0, ...miss, reason });
const decided = (values: Partial<WhyEntry & { kind: 'decision' }>): string =>
  explain({ kind: 'decision', at: 0, ...decisionLogEntry({ pipelineId: 'p', userId: 'u', ...values }) });

describe('explain', () => {
  it('explains which condition a near miss failed, with the values', () => {
    expect(NEAR_MISS_REASONS.map(missed)).toEqual([
      'confidence 71 < 75',
      'direction BULLISH, wanted BEARISH',
      'source mock, wanted webhook:tradingview',
      'signal type rsi, wanted golden_cross',
    ]);
  });

  it('explains a decision with the values it was based on', () => {
    expect(decided({ reason: 'signal_too_old', detail: { age_ms: 400_500, max_signal_age_ms: 300_000 } })).toBe(
      'age 400.5 s > 300 s',
    );
    expect(decided({ reason: 'quality_below_minimum', detail: { quality: 0.4, min_quality: 0.8 } })).toBe(
      'data quality 0.4 < 0.8',
    );
    expect(decided({ reason: 'rule_pending', detail: { missing: ['rsi ≥ 70', 'macd_cross'] } })).toBe(
      'the rule did not fire; still missing: rsi ≥ 70, macd_cross',
    );
    expect(decided({ reason: 'quota_per_day', detail: { quota_used: 5, quota_limit: 5 } })).toBe(
      'quota of executions per day used up: 5 of 5',
    );
  });

  it('explains every reason, even when its detail is incomplete', () => {
    for (const reason of DECISION_REASONS) {
      for (const detail of [{}, { missing: 7, age_ms: 'x', halt_reason: null, quota_used: { deep: 1 } }]) {
        expect(decided({ reason, detail }).length).toBeGreaterThan(5);
      }
    }
  });
});
