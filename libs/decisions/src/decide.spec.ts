import { BUILDER_TIME, buildPipeline, buildTrigger } from '@tripline/testing';

import type { Halt } from '@tripline/risk';
import type { Pipeline, SignalRule } from '@tripline/triggers';
import { decide, type DecisionContext } from './decide';
import { initialPipelineState } from './decide-all';
import type { ActiveRun, PipelineState, Trigger } from './decision';
import { calendarView } from './market-view';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2024, 0, 1);
const RUN: ActiveRun = { executionId: 'run-1', overlapKey: '', slot: 0, expiresAtMs: null };
const RULE: SignalRule = { kind: 'all', conditions: [], count: 0, withinMs: HOUR_MS, noneOf: [] };

const trigger = (overrides: Partial<Trigger> = {}) => buildTrigger({ appendedAtMs: NOW - 1000, ...overrides });
const stateOf = (pipeline: Pipeline, overrides: Partial<PipelineState> = {}): PipelineState => ({
  ...initialPipelineState(pipeline),
  ...overrides,
});
const at = (overrides: Partial<DecisionContext> = {}): DecisionContext => ({
  nowMs: NOW,
  halts: [],
  marketAt: calendarView,
  advanceRule: () => ({ fired: false, detail: {} }),
  quotaOf: () => null,
  usageChangeOf: null,
  ...overrides,
});
const haltOf = (overrides: Partial<Halt> = {}): Halt => ({
  id: 'halt-1',
  level: 'global',
  subject: '',
  mode: 'pause',
  reason: 'drill',
  ...overrides,
});

describe('decide', () => {
  const pipeline = buildPipeline({ cooldownMs: HOUR_MS, maxSignalAgeMs: 5000 });

  it('triggers a free pipeline and records the values behind the decision', () => {
    const decision = decide(pipeline, stateOf(pipeline), trigger({ minConfidence: 75 }), at());
    expect(decision).toEqual({
      outcome: 'TRIGGERED',
      reason: 'trigger_accepted',
      detail: {
        age_ms: 1000,
        max_signal_age_ms: 5000,
        age_from: 'append',
        min_confidence: 75,
        cooldown_ms: HOUR_MS,
        last_triggered_at: null,
      },
      plan: { overlapKey: '', slot: 0, expiresAtMs: null, ends: [] },
    });
  });

  it.each([
    ['at exactly the maximum age', 5000, 'TRIGGERED'],
    ['a millisecond beyond it', 5001, 'EXPIRED'],
    ['when the broker clock is ahead of ours', -60_000, 'TRIGGERED'],
    ['when the append time is not a valid time', NaN, 'TRIGGERED'],
  ])('checks the age %s', (_case, ageMs, outcome) => {
    const decision = decide(pipeline, stateOf(pipeline), trigger({ appendedAtMs: NOW - ageMs }), at());
    expect(decision.outcome).toBe(outcome);
  });

  it('measures the age from event or append time, as the pipeline configures', () => {
    const old = trigger({ occurredAt: Date.UTC(2000, 0, 3) });
    expect(decide(pipeline, stateOf(pipeline), old, at()).outcome).toBe('TRIGGERED');
    const strict = { ...pipeline, signalAgeFrom: 'event' } as const;
    expect(decide(strict, stateOf(strict), old, at())).toMatchObject({
      outcome: 'EXPIRED',
      reason: 'signal_too_old',
      detail: { age_from: 'event', max_signal_age_ms: 5000 },
    });
  });

  it('checks the age of signals and webhooks only', () => {
    const strict = { ...pipeline, signalAgeFrom: 'event' } as const;
    const outcomes = (['signal', 'webhook', 'manual', 'periodic'] as const).map(
      (mode) => decide(strict, stateOf(strict), trigger({ mode, occurredAt: 0 }), at()).outcome,
    );
    expect(outcomes).toEqual(['EXPIRED', 'EXPIRED', 'TRIGGERED', 'TRIGGERED']);
  });

  it('records missed scheduled executions before any other check, and starts none', () => {
    const missed = { missed_runs: 3, catch_up: 'skip' };
    const decision = decide(pipeline, stateOf(pipeline), trigger({ mode: 'periodic', missed }), at());
    expect(decision).toEqual({ outcome: 'EXPIRED', reason: 'schedule_missed', detail: missed, plan: null });
  });

  it.each([
    [HOUR_MS - 1, 'SKIPPED_COOLDOWN'],
    [HOUR_MS, 'TRIGGERED'],
    [1 - HOUR_MS, 'SKIPPED_COOLDOWN'],
    [-HOUR_MS, 'TRIGGERED'],
    [0, 'SKIPPED_COOLDOWN'],
  ])('measures cooldown in event time, both ways: %d ms from the last trigger gives %s', (distance, outcome) => {
    const state = stateOf(pipeline, { lastTriggeredAt: BUILDER_TIME });
    expect(decide(pipeline, state, trigger({ occurredAt: BUILDER_TIME + distance }), at()).outcome).toBe(outcome);
  });

  it('applies no age limit and no cooldown when they are 0', () => {
    const free = buildPipeline();
    const state = stateOf(free, { lastTriggeredAt: BUILDER_TIME });
    expect(decide(free, state, trigger({ appendedAtMs: 0 }), at()).outcome).toBe('TRIGGERED');
  });

  it('names the most useful reason when several apply', () => {
    const picky = { ...pipeline, minQuality: 0.5, market: { calendar: 'XNYS', session: 'regular' } } as const;
    const busy = stateOf(picky, { runs: [RUN], lastTriggeredAt: BUILDER_TIME });
    const context = at({
      halts: [haltOf()],
      quotaOf: () => ({
        quota: { maxActive: 0, maxPerDay: 0, maxPerMinute: 0 },
        usage: { active: 0, day: 0, minute: 0 },
      }),
    });
    const sunday = trigger({ occurredAt: Date.UTC(2020, 0, 5), appendedAtMs: 0 });
    const reasons = [
      decide(picky, { ...busy, isActive: false }, sunday, context),
      decide(picky, busy, sunday, context),
      decide(picky, busy, { ...sunday, appendedAtMs: NOW }, context),
      decide(picky, busy, { ...sunday, appendedAtMs: NOW }, { ...context, halts: [] }),
      decide({ ...picky, market: null }, busy, trigger(), { ...context, halts: [] }),
      decide(pipeline, busy, trigger(), { ...context, halts: [] }),
      decide(pipeline, { ...busy, runs: [] }, trigger(), { ...context, halts: [] }),
      decide({ ...pipeline, cooldownMs: 0 }, { ...busy, runs: [] }, trigger(), { ...context, halts: [] }),
    ].map(({ reason }) => reason);
    expect(reasons).toEqual([
      'pipeline_inactive',
      'signal_too_old',
      'halted_global',
      'market_closed',
      'quality_unknown',
      'execution_active',
      'cooldown_running',
      'quota_per_day',
    ]);
    expect(decide(pipeline, busy, trigger(), at()).detail).toMatchObject({
      active_execution_id: 'run-1',
      also_in_cooldown: true,
    });
  });

  it('lets a manual trigger start a pipeline that is switched off', () => {
    const off = stateOf(pipeline, { isActive: false });
    expect(decide(pipeline, off, trigger({ mode: 'manual' }), at()).outcome).toBe('TRIGGERED');
    expect(decide(pipeline, off, trigger({ mode: 'periodic' }), at()).reason).toBe('pipeline_inactive');
  });

  it('records when the pipeline has changed since it was matched', () => {
    const { detail } = decide(pipeline, stateOf(pipeline, { version: 3 }), trigger(), at());
    expect(detail).toMatchObject({ current_version: 3 });
  });
});

describe('gates', () => {
  it.each([
    ['pause', 'SKIPPED_RISK_HALT', 'halted_ticker'],
    ['flatten', 'SKIPPED_RISK_HALT', 'halted_ticker'],
    ['reduce_only', 'TRIGGERED', 'trigger_accepted'],
  ] as const)('under %s of the ticker decide %s, and name the halt', (mode, outcome, reason) => {
    const pipeline = buildPipeline();
    const halts = [haltOf({ level: 'ticker', subject: '^SPX', mode })];
    expect(decide(pipeline, stateOf(pipeline), trigger(), at({ halts }))).toMatchObject({
      outcome,
      reason,
      detail: { halt_id: 'halt-1', halt_mode: mode, halt_reason: 'drill' },
    });
    expect(decide(pipeline, stateOf(pipeline), trigger({ ticker: 'MSFT' }), at({ halts })).outcome).toBe('TRIGGERED');
  });

  it.each([
    ['in the session', Date.UTC(2024, 0, 3, 15), 'TRIGGERED', 'trigger_accepted'],
    ['at night', Date.UTC(2024, 0, 3, 3), 'SKIPPED_MARKET_CLOSED', 'market_closed'],
    ['on a holiday', Date.UTC(2024, 0, 1, 15), 'SKIPPED_MARKET_CLOSED', 'market_holiday'],
    ['at a time that is none', NaN, 'SKIPPED_MARKET_CLOSED', 'market_closed'],
  ])('ask the market at the event time: %s', (_case, occurredAt, outcome, reason) => {
    const pipeline = buildPipeline({ market: { calendar: 'XNYS', session: 'regular' } });
    const decision = decide(pipeline, stateOf(pipeline), trigger({ occurredAt, appendedAtMs: NOW }), at());
    expect(decision).toMatchObject({ outcome, reason, detail: { calendar: 'XNYS', session: 'regular' } });
  });

  it('treat an unknown calendar as closed', () => {
    const pipeline = buildPipeline({ market: { calendar: 'ATLANTIS', session: 'regular' } });
    const decision = decide(pipeline, stateOf(pipeline), trigger(), at());
    expect(decision).toMatchObject({ reason: 'market_closed', detail: { calendar_known: false } });
  });

  it.each([
    [0.5, 'trigger_accepted'],
    [0.49, 'quality_below_minimum'],
    [null, 'quality_unknown'],
  ])('hold a score of %p against the minimum of 0.5: %s', (quality, reason) => {
    const pipeline = buildPipeline({ minQuality: 0.5 });
    const decision = decide(pipeline, stateOf(pipeline), trigger({ quality }), at());
    expect(decision).toMatchObject({ reason, detail: { quality, min_quality: 0.5 } });
  });

  it('check no data quality without a signal', () => {
    const pipeline = buildPipeline({ minQuality: 0.5 });
    expect(decide(pipeline, stateOf(pipeline), trigger({ mode: 'periodic' }), at()).outcome).toBe('TRIGGERED');
  });
});

describe('rules', () => {
  const pipeline = buildPipeline({ rule: RULE });
  const fired = { fired: true, detail: { consumed: [{ signal_id: 's1' }] } };

  it('hold the trigger back until they fire, and then name what they consumed', () => {
    expect(decide(pipeline, stateOf(pipeline), trigger(), at())).toMatchObject({
      outcome: 'COALESCED',
      reason: 'rule_pending',
    });
    const decision = decide(pipeline, stateOf(pipeline), trigger(), at({ advanceRule: () => fired }));
    expect(decision).toMatchObject({ outcome: 'TRIGGERED', reason: 'rule_fired', detail: fired.detail });
  });

  it('count only signals that passed the earlier checks', () => {
    const advanceRule = jest.fn(() => fired);
    decide(pipeline, stateOf(pipeline), trigger(), at({ advanceRule, halts: [haltOf()] }));
    decide(pipeline, stateOf(pipeline), trigger({ mode: 'manual' }), at({ advanceRule }));
    decide(pipeline, stateOf(pipeline), trigger({ firing: { rule: 'absence' } }), at({ advanceRule }));
    expect(advanceRule).not.toHaveBeenCalled();
  });

  it('accept a firing that comes with the trigger', () => {
    const decision = decide(pipeline, stateOf(pipeline), trigger({ firing: { rule: 'absence' } }), at());
    expect(decision).toMatchObject({ reason: 'rule_fired', detail: { rule: 'absence' } });
  });
});

describe('quotas', () => {
  const pipeline = buildPipeline();
  const none = { maxActive: null, maxPerMinute: null, maxPerDay: null };

  it.each([
    [{ ...none, maxActive: 2 }, 'quota_active'],
    [{ ...none, maxPerMinute: 2 }, 'quota_per_minute'],
    [{ ...none, maxPerDay: 2 }, 'quota_per_day'],
    [{ maxActive: 2, maxPerMinute: 2, maxPerDay: 2 }, 'quota_per_day'],
    [{ maxActive: 3, maxPerMinute: 3, maxPerDay: 3 }, 'trigger_accepted'],
    [none, 'trigger_accepted'],
  ])('of %p with two used give %s', (quota, reason) => {
    const usage = { active: 2, minute: 2, day: 2 };
    const decision = decide(pipeline, stateOf(pipeline), trigger(), at({ quotaOf: () => ({ quota, usage }) }));
    expect(decision.reason).toBe(reason);
    if (decision.outcome === 'SKIPPED_QUOTA') {
      expect(decision.detail).toMatchObject({ quota_limit: 2, quota_used: 2 });
    }
  });

  it('let an execution replace another when all slots are taken', () => {
    const replacing = buildPipeline({ overlap: { policy: 'replace', key: 'pipeline', limit: 1, ttlMs: 0 } });
    const quotaOf = () => ({ quota: { ...none, maxActive: 1 }, usage: { active: 1, minute: 9, day: 9 } });
    const state = stateOf(replacing, { runs: [RUN] });
    expect(decide(replacing, state, trigger(), at({ quotaOf })).reason).toBe('replaced_active');
  });
});
