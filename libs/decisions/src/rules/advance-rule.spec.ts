import type { SignalRule } from '@tripline/triggers';
import { advanceRule, type RuleStep } from './advance-rule';
import {
  EMPTY_RULE_STATE,
  FUTURE_ALLOWANCE_MS,
  MAX_HELD_PER_CONDITION,
  MAX_USED,
  type RuleEvent,
  type RuleState,
} from './rule-state';

const rule = (kind: SignalRule['kind'], types: string, overrides: Partial<SignalRule> = {}): SignalRule => ({
  kind,
  conditions: [...types].map((signalType) => ({ signalType, minConfidence: 0 })),
  count: types.length,
  withinMs: 10,
  noneOf: [],
  ...overrides,
});

/** `a@5` is a signal of type `a` at event time 5; the text is also its id. */
const event = (text: string, overrides: Partial<RuleEvent> = {}): RuleEvent => {
  const [signalType = '', at = '0'] = text.split('@');
  return {
    signalId: text,
    signalType: signalType.slice(0, 1),
    source: 'test',
    direction: 'BULLISH',
    confidence: 80,
    occurredAt: Number(at),
    seenAt: 1_000_000,
    ...overrides,
  };
};

function run(given: SignalRule, texts: string): { state: RuleState; steps: RuleStep[]; fired: string[] } {
  let state = EMPTY_RULE_STATE;
  const steps = texts
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => {
      const step = advanceRule(given, state, event(text));
      state = step.state;
      return step;
    });
  const fired = steps.flatMap(({ fired: firing }) =>
    firing === null ? [] : [`${firing.consumed.map(({ signalId }) => signalId).join('+')}=${firing.at}`],
  );
  return { state, steps, fired };
}

describe('a multi-signal rule', () => {
  it.each([
    ['all, in any order', rule('all', 'ab'), 'b@1 a@5', ['b@1+a@5=5']],
    ['all, at the very edge of the window', rule('all', 'ab'), 'a@0 b@10', ['a@0+b@10=10']],
    ['all, one unit past the window', rule('all', 'ab'), 'a@0 b@11', []],
    ['all, using the newest of several', rule('all', 'ab'), 'a@1 a@3 b@4', ['a@3+b@4=4']],
    ['all, using the remaining signal next', rule('all', 'ab'), 'a@1 a@3 b@4 b@5', ['a@3+b@4=4', 'a@1+b@5=5']],
    ['all, with equal conditions, needs one signal for each', rule('all', 'aa'), 'a@1 a@2 a@3', ['a@1+a@2=2']],
    ['any', rule('any', 'ab'), 'a@1 c@2 b@30', ['a@1=1', 'b@30=30']],
    ['two of three', rule('n_of', 'abc', { count: 2 }), 'a@1 a@2 c@3', ['a@2+c@3=3']],
    ['a sequence in order', rule('sequence', 'abc'), 'a@1 b@2 c@3', ['a@1+b@2+c@3=3']],
    ['a sequence out of order', rule('sequence', 'ab'), 'b@1 a@2', []],
    ['a sequence at one event time', rule('sequence', 'ab'), 'a@2 b@2', []],
    ['a sequence that arrives out of order', rule('sequence', 'ab'), 'b@5 a@2', ['a@2+b@5=5']],
    ['all at one event time', rule('all', 'ab'), 'a@2 b@2', ['a@2+b@2=2']],
    ['a late signal that completes', rule('all', 'ab'), 'b@9 a@2', ['a@2+b@9=9']],
    ['a late signal, choosing the firing that ends first', rule('all', 'ab'), 'b@9 b@4 a@2', ['a@2+b@4=4']],
  ])('fires: %s', (_, given, texts, expected) => {
    expect(run(given, texts).fired).toEqual(expected);
  });

  it.each([
    ['a veto signal earlier in the window', 'g@1 a@2 b@3', []],
    ['a veto signal between the signals', 'a@2 g@3 b@4', []],
    ['a veto signal at the same time', 'a@2 g@4 b@4', []],
    ['a veto signal one unit before the window', 'g@1 a@5 b@12', ['a@5+b@12=12']],
    ['a veto signal after the firing', 'a@2 b@3 g@4', ['a@2+b@3=3']],
    ['a veto signal that arrives late, before the completion', 'a@5 g@2 b@6', []],
  ])('respects %s', (_, texts, expected) => {
    const given = rule('all', 'ab', { noneOf: [{ signalType: 'g', minConfidence: 0 }] });
    expect(run(given, texts).fired).toEqual(expected);
  });

  it('assigns signals so that overlapping conditions are all answered', () => {
    const given = rule('all', '', {
      conditions: [{ minConfidence: 0 }, { signalType: 'a', minConfidence: 0 }],
      count: 2,
    });
    const { steps } = run(given, 'a@1 b@2');
    expect(steps[1]?.fired?.consumed).toEqual([
      { signalId: 'a@1', signalType: 'a', occurredAt: 1, condition: 1 },
      { signalId: 'b@2', signalType: 'b', occurredAt: 2, condition: 0 },
    ]);
  });

  it('checks confidence, direction and source', () => {
    const strict = { signalType: 'a', minConfidence: 75, direction: 'BEARISH' as const, source: 'x' };
    const given = rule('any', '', { conditions: [strict] });
    const fits = { direction: 'BEARISH' as const, source: 'x', confidence: 75 };
    const effectOf = (overrides: Partial<RuleEvent>) =>
      advanceRule(given, EMPTY_RULE_STATE, event('a@1', { ...fits, ...overrides })).effect;
    expect(effectOf({})).toBe('fired');
    for (const other of [{ confidence: 74 }, { direction: 'BULLISH' as const }, { source: 'y' }]) {
      expect(effectOf(other)).toBe('unrelated');
    }
  });

  it('counts a signal once, whether it waits, was consumed or is a veto signal', () => {
    const given = rule('all', 'ab', { noneOf: [{ signalType: 'g', minConfidence: 0 }] });
    expect(run(given, 'a@1 a@1 b@2 b@2 a@1 g@3 g@3').steps.map(({ effect }) => effect)).toEqual([
      'held',
      'duplicate',
      'fired',
      'duplicate',
      'duplicate',
      'guard',
      'duplicate',
    ]);
  });

  it('ignores a signal more than a window late, and one ahead of the clock', () => {
    const { state, steps } = run(rule('all', 'ab'), 'a@100 b@89 b@90');
    expect(steps.map(({ effect }) => effect)).toEqual(['held', 'late', 'fired']);
    const ahead = event('a@200', { seenAt: 200 - FUTURE_ALLOWANCE_MS - 1 });
    expect(advanceRule(rule('all', 'ab'), state, ahead)).toEqual({ state, fired: null, effect: 'in_future' });
  });

  it('bounds its state: the newest signals per condition, two windows, the last consumed signals', () => {
    const given = rule('all', 'ab', { withinMs: 1_000_000, noneOf: [{ signalType: 'g', minConfidence: 0 }] });
    const texts = Array.from({ length: 200 }, (_, index) => `a@${index} g@${index}`).join(' ');
    const { state } = run(given, texts);
    expect(state.open).toHaveLength(MAX_HELD_PER_CONDITION);
    expect(state.guards).toHaveLength(MAX_HELD_PER_CONDITION);
    expect(state.open.map(({ at }) => at)).toEqual(Array.from({ length: 16 }, (_, index) => 199 - index));
    expect(run(rule('all', 'ab'), 'a@1 a@2 a@50').state.open.map(({ id }) => id)).toEqual(['a@50']);
    const many = Array.from({ length: 200 }, (_, index) => `a@${index}`).join(' ');
    expect(run(rule('any', 'a', { withinMs: 1_000 }), many).state.used).toHaveLength(MAX_USED);
  });
});
