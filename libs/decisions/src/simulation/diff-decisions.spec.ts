import { diffDecisions, type RecordedDecision } from './diff-decisions';
import type { SimulatedDecision } from './simulation';

const AT = Date.UTC(2026, 0, 5);
const context = { version: 2, pipelineMadeAt: AT - 1000, versionMadeAt: AT - 500, runMs: 1500 };
const then = (triggerId: string, overrides: Partial<RecordedDecision> = {}): RecordedDecision => ({
  triggerId,
  pipelineVersion: 2,
  outcome: 'TRIGGERED',
  reason: 'trigger_accepted',
  occurredAt: AT,
  decidedAt: AT + 10,
  ...overrides,
});
const now = (triggerId: string, overrides: Partial<SimulatedDecision> = {}): SimulatedDecision => ({
  triggerId,
  signalType: 'a',
  ticker: 'X',
  direction: 'BULLISH',
  confidence: 80,
  occurredAt: AT,
  decidedAt: AT,
  outcome: 'TRIGGERED',
  reason: 'trigger_accepted',
  detail: {},
  ...overrides,
});
const causesOf = (a: RecordedDecision[], b: SimulatedDecision[]) =>
  diffDecisions(a, b, context).differences.flatMap(({ causes }) => causes);

describe('diffDecisions', () => {
  it('counts equal outcomes and sorts differences by event time', () => {
    const diff = diffDecisions(
      [
        then('same'),
        then('changed', { outcome: 'SKIPPED_ACTIVE', reason: 'execution_active', occurredAt: AT + 5 }),
        then('gone'),
      ],
      [now('same'), now('changed', { occurredAt: AT + 5 }), now('new', { occurredAt: AT - 5 })],
      context,
    );
    expect(diff.same).toBe(1);
    expect(diff.differences.map(({ kind, triggerId }) => [kind, triggerId])).toEqual([
      ['only_now', 'new'],
      ['only_then', 'gone'],
      ['different', 'changed'],
    ]);
  });

  it.each([
    [{ outcome: 'SKIPPED_ACTIVE' as const }, {}, /assumed to last 1.5 s/],
    [{ outcome: 'SKIPPED_QUOTA' as const }, {}, /quota/],
    [{ outcome: 'SKIPPED_RISK_HALT' as const }, {}, /halted/],
    [{ outcome: 'EXPIRED' as const, reason: 'pipeline_inactive' }, {}, /switched off/],
    [
      { outcome: 'EXPIRED' as const, reason: 'signal_too_old', decidedAt: AT + 90_000 },
      {},
      /90 s after Kafka appended it/,
    ],
    [{}, { outcome: 'SKIPPED_COOLDOWN' as const }, /starts the cooldown in the simulation/],
    [{ pipelineVersion: 1 }, { outcome: 'COALESCED' as const }, /version 1 was live, version 2 was simulated/],
    [{ outcome: 'SKIPPED_MARKET_CLOSED' as const }, {}, /earlier decisions differ/],
  ])('says why %j became %j', (recorded, simulated, cause) => {
    expect(causesOf([then('t', recorded)], [now('t', simulated)]).join('; ')).toMatch(cause);
  });

  it('says why a trigger was decided only live or only in the simulation', () => {
    expect(causesOf([then('t', { pipelineVersion: 1 })], []).at(-1)).toMatch(/version 2 does not match/);
    expect(causesOf([then('t')], [])).toEqual([expect.stringMatching(/no longer in the log/)]);
    expect(causesOf([], [now('t', { decidedAt: AT - 2000 })])).toEqual(['the pipeline was created later']);
    expect(causesOf([], [now('t', { decidedAt: AT - 700 })])[0]).toMatch(/version 2 was created later/);
    expect(causesOf([], [now('t')])[0]).toMatch(/switched off/);
  });
});
