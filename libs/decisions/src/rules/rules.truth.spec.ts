import * as fc from 'fast-check';

import type { RuleKind, SignalRule } from '@tripline/triggers';
import { advanceRule } from './advance-rule';
import { EMPTY_RULE_STATE, newestFirst, type RuleEvent, type RuleFiring } from './rule-state';

/**
 * Few types and few times, so that conditions overlap, event times coincide, and signals arrive out of order and
 * repeatedly.
 */
const WITHIN = 6;
const types = fc.constantFrom('a', 'b', 'c');
const subscriptions = fc.record({
  signalType: fc.option(types, { nil: undefined }),
  minConfidence: fc.constantFrom(0, 50),
});

const rules: fc.Arbitrary<SignalRule> = fc.record({
  kind: fc.constantFrom<RuleKind>('all', 'any', 'n_of', 'sequence'),
  conditions: fc.array(subscriptions, { minLength: 1, maxLength: 4 }),
  count: fc.integer({ min: 1, max: 4 }),
  withinMs: fc.constant(WITHIN),
  noneOf: fc.array(fc.record({ signalType: fc.constantFrom('c', 'g'), minConfidence: fc.constantFrom(0, 90) }), {
    maxLength: 1,
  }),
});

const events: fc.Arbitrary<RuleEvent[]> = fc.uniqueArray(
  fc.record({
    signalId: fc.integer({ min: 0, max: 30 }).map((id) => `s${id}`),
    signalType: fc.constantFrom('a', 'b', 'c', 'g'),
    source: fc.constant('test'),
    direction: fc.constant('BULLISH' as const),
    confidence: fc.constantFrom(20, 60, 95),
    occurredAt: fc.integer({ min: 0, max: 16 }),
    seenAt: fc.constant(100),
  }),
  { maxLength: 10, selector: ({ signalId }) => signalId },
);
/** The events in order, with some repeated later. */
const histories = fc
  .tuple(events, fc.array(fc.nat({ max: 9 }), { maxLength: 3 }))
  .map(([once, again]) => [...once, ...again.flatMap((index) => once.slice(index, index + 1))]);

const fits = (subscription: SignalRule['conditions'][number], event: RuleEvent): boolean =>
  (subscription.signalType === undefined || subscription.signalType === event.signalType) &&
  event.confidence >= subscription.minConfidence;

function subsetsOf<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, index) => subsetsOf(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]));
}

function permutationsOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutationsOf(items.filter((_, at) => at !== index)).map((rest) => [item, ...rest]),
  );
}

/** Every way to drop conditions until as many remain as there are signals, with every order of the signals. */
function answers(rule: SignalRule, events: readonly RuleEvent[]): boolean {
  if (rule.kind === 'sequence') {
    const inOrder = [...events].sort((a, b) => a.occurredAt - b.occurredAt);
    return inOrder.every(
      (event, index) =>
        fits(rule.conditions[index] ?? { minConfidence: 101 }, event) &&
        (index === 0 || event.occurredAt > (inOrder[index - 1]?.occurredAt ?? Infinity)),
    );
  }
  return subsetsOf(rule.conditions, events.length).some((conditions) =>
    permutationsOf(events).some((order) =>
      order.every((event, index) => fits(conditions[index] ?? { minConfidence: 101 }, event)),
    ),
  );
}

const endOf = (events: readonly RuleEvent[]): number => Math.max(...events.map(({ occurredAt }) => occurredAt));
const placed = ({ occurredAt: at, signalId: id }: RuleEvent) => ({ at, id });

/**
 * The whole history, without pruning: tries every subset with the new signal and takes the best in the documented
 * order.
 */
class NaiveTruth {
  private readonly arrived: RuleEvent[] = [];
  private readonly consumed = new Set<string>();

  constructor(private readonly rule: SignalRule) {}

  advance(event: RuleEvent): string[] | null {
    if (this.arrived.some(({ signalId }) => signalId === event.signalId)) return null;
    const isGuard = this.rule.noneOf.some((subscription) => fits(subscription, event));
    if (!isGuard && !this.rule.conditions.some((subscription) => fits(subscription, event))) return null;
    if (this.arrived.length > 0 && event.occurredAt < endOf(this.arrived) - WITHIN) return null;
    this.arrived.push(event);
    if (isGuard) return null;
    const best = this.candidates(event).sort(byPreference(event))[0] ?? null;
    for (const { signalId } of best ?? []) this.consumed.add(signalId);
    return best?.map(({ signalId }) => signalId).sort() ?? null;
  }

  private candidates(event: RuleEvent): RuleEvent[][] {
    const { rule } = this;
    const guards = this.arrived.filter((other) => rule.noneOf.some((subscription) => fits(subscription, other)));
    const free = this.arrived.filter(
      (other) => other !== event && !this.consumed.has(other.signalId) && !guards.includes(other),
    );
    const needed =
      rule.kind === 'any'
        ? 1
        : rule.kind === 'n_of'
          ? Math.min(rule.count, rule.conditions.length)
          : rule.conditions.length;
    return subsetsOf(free, needed - 1)
      .map((others) => [event, ...others])
      .filter((events) => {
        const end = endOf(events);
        return (
          events.every(({ occurredAt }) => occurredAt >= end - WITHIN) &&
          !guards.some(({ occurredAt }) => occurredAt <= end && occurredAt >= end - WITHIN) &&
          answers(rule, events)
        );
      });
  }
}

/** The firing that ends first; of those, the one with the newest signals. */
function byPreference(event: RuleEvent): (a: RuleEvent[], b: RuleEvent[]) => number {
  const others = (events: RuleEvent[]) =>
    events
      .filter((other) => other !== event)
      .map(placed)
      .sort(newestFirst);
  return (a, b) => {
    if (endOf(a) !== endOf(b)) return endOf(a) - endOf(b);
    const [left, right] = [others(a), others(b)];
    for (const [index, signal] of left.entries()) {
      const order = newestFirst(signal, right[index] ?? signal);
      if (order !== 0) return order;
    }
    return 0;
  };
}

const idsOf = (fired: RuleFiring | null): string[] | null =>
  fired?.consumed.map(({ signalId }) => signalId).sort() ?? null;

describe('advanceRule', () => {
  it('agrees with the exhaustive search for any rule and history', () => {
    let firings = 0;
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        const truth = new NaiveTruth(rule);
        let state = EMPTY_RULE_STATE;
        for (const event of history) {
          const step = advanceRule(rule, state, event);
          expect(idsOf(step.fired)).toEqual(truth.advance(event));
          if (step.fired !== null) firings += 1;
          state = step.state;
        }
      }),
      { numRuns: 3000 },
    );
    expect(firings).toBeGreaterThan(1000);
  });

  it('assigns each consumed signal to a different condition that it fits', () => {
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        let state = EMPTY_RULE_STATE;
        const byId = new Map<string, RuleEvent>();
        for (const event of history) {
          if (!byId.has(event.signalId)) byId.set(event.signalId, event);
          const step = advanceRule(rule, state, event);
          state = step.state;
          const consumed = step.fired?.consumed ?? [];
          expect(new Set(consumed.map(({ condition }) => condition)).size).toBe(consumed.length);
          for (const { signalId, condition } of consumed) {
            const [subscription, signal] = [rule.conditions[condition], byId.get(signalId)];
            expect(subscription !== undefined && signal !== undefined && fits(subscription, signal)).toBe(true);
          }
        }
      }),
    );
  });

  it('continues unchanged from its stored JSON', () => {
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        let [kept, stored] = [EMPTY_RULE_STATE, EMPTY_RULE_STATE];
        for (const event of history) {
          const [a, b] = [advanceRule(rule, kept, event), advanceRule(rule, stored, event)];
          expect(b).toEqual(a);
          kept = a.state;
          stored = JSON.parse(JSON.stringify(b.state)) as typeof stored;
        }
      }),
    );
  });
});
