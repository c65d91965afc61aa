import type { SimulatedDecision } from './simulation';
import { SimulationSummary } from './simulation-summary';

const DAY = 86_400_000;
const decision = (outcome: SimulatedDecision['outcome'], reason: SimulatedDecision['reason'], decidedAt: number) => ({
  ...{
    triggerId: `t${decidedAt}`,
    signalType: 'a',
    ticker: 'X',
    direction: null,
    confidence: 1,
    occurredAt: decidedAt,
  },
  ...{ decidedAt, outcome, reason, detail: {} },
});

function summaryOf(...counts: [SimulatedDecision['outcome'], SimulatedDecision['reason'], number][]) {
  const summary = new SimulationSummary();
  let at = 0;
  for (const [outcome, reason, count] of counts) {
    for (let n = 0; n < count; n += 1) summary.add(decision(outcome, reason, (at += 1)));
  }
  return summary;
}

describe('the summary of a simulation', () => {
  it.each([
    [
      [
        ['TRIGGERED', 'trigger_accepted', 37],
        ['SKIPPED_ACTIVE', 'execution_active', 5],
      ],
      7 * DAY,
      'would have fired 37 times in 7 days, 5 skipped because an execution was active',
    ],
    [
      [
        ['TRIGGERED', 'rule_fired', 1],
        ['COALESCED', 'rule_pending', 9],
        ['EXPIRED', 'signal_too_old', 2],
      ],
      DAY,
      'would have fired once in 1 day, 9 waiting for other signals, 2 too old',
    ],
    [[], 90 * 60_000, 'would have fired 0 times in 1.5 hours'],
  ] as const)('summarises a simulation in one sentence: %#', (counts, span, text) => {
    expect(summaryOf(...counts.map((count) => [...count] as Parameters<typeof summaryOf>[number])).text(span)).toBe(
      text,
    );
  });

  it('counts by outcome and reason, and keeps the newest samples of each', () => {
    const summary = summaryOf(['SKIPPED_ACTIVE', 'execution_active', 90], ['TRIGGERED', 'trigger_accepted', 10]);
    expect([summary.total, summary.byOutcome(), summary.byReason()]).toEqual([
      100,
      { SKIPPED_ACTIVE: 90, TRIGGERED: 10 },
      { execution_active: 90, trigger_accepted: 10 },
    ]);
    expect(summary.samples(100).map(({ decidedAt }) => decidedAt)).toEqual([86, 87, 88, 89, 90, 96, 97, 98, 99, 100]);
    expect(summary.samples(1).map(({ outcome }) => outcome)).toEqual(['TRIGGERED']);
  });
});
