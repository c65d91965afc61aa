import * as fc from 'fast-check';

import { buildPipeline, buildSignal } from '@tripline/testing';

import type { Pipeline, SignalRule } from '@tripline/triggers';
import { ABSENCE_GRACE_MS } from '../rules/absence';
import { Simulation, type RecordedSignal, type SimulatedDecision, type SimulationOptions } from './simulation';

const START = Date.UTC(2026, 0, 5, 15);
const MINUTE = 60_000;
let ids = 0;

/** A signal of a type, this many minutes after the start. */
const at = (minutes: number, signalType = 'golden_cross', ticker = '^SPX'): RecordedSignal => {
  ids += 1;
  const occurredAt = START + minutes * MINUTE;
  const signalId = `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
  const tickers = [{ ticker, signal: 'BULLISH' as const, confidence: 80 }];
  return { signal: buildSignal({ signalId, signalType, occurredAt, tickers }), appendedAtMs: occurredAt + 5 };
};

function simulate(
  pipeline: Pipeline,
  records: readonly RecordedSignal[],
  options: Partial<SimulationOptions> & { untilMinutes?: number } = {},
): SimulatedDecision[] {
  const decisions: SimulatedDecision[] = [];
  const simulation = new Simulation(pipeline, { runMs: MINUTE, ...options, onDecision: (one) => decisions.push(one) });
  for (const record of records) simulation.feed(record);
  simulation.advanceTo(START + (options.untilMinutes ?? 24 * 60) * MINUTE);
  return decisions;
}
const outcomes = (decisions: readonly SimulatedDecision[]) => decisions.map(({ outcome }) => outcome);

describe('a simulation', () => {
  it('assumes that each execution lasts equally long', () => {
    const decisions = simulate(buildPipeline(), [at(0), at(0.5), at(1), at(1.5)]);
    expect(outcomes(decisions)).toEqual(['TRIGGERED', 'SKIPPED_ACTIVE', 'TRIGGERED', 'SKIPPED_ACTIVE']);
  });

  it('treats a switched-off pipeline as switched on, and counts each signal once', () => {
    const record = at(0);
    expect(outcomes(simulate(buildPipeline({ isActive: false }), [record, record]))).toEqual(['TRIGGERED']);
  });

  it('ignores signals that do not match the pipeline', () => {
    const decisions: SimulatedDecision[] = [];
    const simulation = new Simulation(buildPipeline(), { runMs: 1, onDecision: (one) => decisions.push(one) });
    simulation.feed(at(0, 'golden_cross', 'AAPL'));
    expect([simulation.considered, decisions]).toEqual([1, []]);
  });

  it('starts waiting executions in queue order until they expire', () => {
    const overlap = { policy: 'queue' as const, key: 'pipeline' as const, limit: 2, ttlMs: 90_000 };
    const decisions = simulate(buildPipeline({ overlap }), [at(0), at(0.1), at(0.2), at(0.3), at(1.5), at(1.6)]);
    expect(decisions.map(({ reason }) => reason)).toEqual([
      'trigger_accepted',
      'queued_behind_active',
      'queued_behind_active',
      'queue_full',
      'queued_behind_active',
      'queue_full',
    ]);
    const late = simulate(buildPipeline({ overlap: { ...overlap, ttlMs: 30_000 } }), [at(0), at(0.1), at(1.1)]);
    expect(late.map(({ reason }) => reason)).toEqual(['trigger_accepted', 'queued_behind_active', 'trigger_accepted']);
  });

  it('applies cooldown, market hours and age at the time each signal was appended', () => {
    const cooling = buildPipeline({ cooldownMs: 10 * MINUTE });
    expect(outcomes(simulate(cooling, [at(0), at(5), at(10)]))).toEqual(['TRIGGERED', 'SKIPPED_COOLDOWN', 'TRIGGERED']);
    const hours = buildPipeline({ market: { calendar: 'XNYS', session: 'regular' } });
    expect(outcomes(simulate(hours, [at(0), at(8 * 60)]))).toEqual(['TRIGGERED', 'SKIPPED_MARKET_CLOSED']);
    const young = buildPipeline({ maxSignalAgeMs: 1000, signalAgeFrom: 'event' });
    const old = { ...at(0), appendedAtMs: START + 1001 };
    expect(outcomes(simulate(young, [old]))).toEqual(['EXPIRED']);
  });

  it('counts warm-up signals for rules, cooldown and executions, but reports none of them', () => {
    const pipeline = buildPipeline({ cooldownMs: 10 * MINUTE });
    const decisions = simulate(pipeline, [at(0), at(5), at(20)], { reportFromMs: START + MINUTE });
    expect(outcomes(decisions)).toEqual(['SKIPPED_COOLDOWN', 'TRIGGERED']);
  });

  it('fires rules, deadlines included, at their own time', () => {
    const rule: SignalRule = {
      kind: 'absence',
      conditions: [{ signalType: 'a', minConfidence: 0 }],
      count: 1,
      withinMs: 10 * MINUTE,
      noneOf: [{ signalType: 'b', minConfidence: 0 }],
    };
    const decisions = simulate(buildPipeline({ rule, tickers: ['*'] }), [at(0, 'a'), at(1, 'a', 'AAPL'), at(2, 'b')]);
    expect(decisions.map(({ ticker, reason }) => [ticker, reason])).toEqual([
      ['^SPX', 'rule_pending'],
      ['AAPL', 'rule_pending'],
      ['^SPX', 'rule_pending'],
      ['AAPL', 'rule_fired'],
    ]);
    expect(decisions[3]).toMatchObject({
      occurredAt: START + 11 * MINUTE,
      decidedAt: START + 11 * MINUTE + 5 + ABSENCE_GRACE_MS,
      detail: { consumed_signals: [{ signal_type: 'a' }] },
    });
    expect(simulate(buildPipeline({ rule }), [at(0, 'a')], { untilMinutes: 9 })).toHaveLength(1);
  });

  it('is deterministic for any definition and signals', () => {
    const definitions = fc
      .record({
        policy: fc.constantFrom(
          'skip' as const,
          'replace' as const,
          'queue' as const,
          'queue_latest' as const,
          'parallel' as const,
        ),
        key: fc.constantFrom('pipeline' as const, 'ticker' as const),
        limit: fc.integer({ min: 1, max: 3 }),
        ttlMs: fc.constantFrom(0, MINUTE),
        cooldownMs: fc.constantFrom(0, MINUTE),
        kind: fc.constantFrom(null, 'all' as const, 'sequence' as const, 'absence' as const),
      })
      .map(({ kind, cooldownMs, ...overlap }) => {
        const conditions = ['a', 'b'].map((signalType) => ({ signalType, minConfidence: 0 }));
        const noneOf = [{ signalType: 'c', minConfidence: 0 }];
        const rule = kind === null ? null : { kind, conditions, count: 2, withinMs: 3 * MINUTE, noneOf };
        return buildPipeline({ overlap, cooldownMs, rule, tickers: ['*'] });
      });
    const streams = fc.array(fc.tuple(fc.nat({ max: 4 }), fc.constantFrom('a', 'b', 'c'), fc.constantFrom('X', 'Y')), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(definitions, streams, (pipeline, steps) => {
        let minutes = 0;
        const records = steps.map(([wait, type, ticker]) => at((minutes += wait), type, ticker));
        expect(simulate(pipeline, records)).toEqual(simulate(pipeline, records));
      }),
    );
  });
});
