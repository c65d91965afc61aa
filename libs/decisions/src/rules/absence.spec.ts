import type { SignalRule } from '@tripline/triggers';
import { ABSENCE_GRACE_MS, dueAt, expireRule } from './absence';
import { advanceRule } from './advance-rule';
import { EMPTY_RULE_STATE, type RuleState } from './rule-state';

const rule: SignalRule = {
  kind: 'absence',
  conditions: [{ signalType: 'a', minConfidence: 0 }],
  count: 1,
  withinMs: 1000,
  noneOf: [{ signalType: 'g', minConfidence: 0 }],
};

function after(texts: string, seenAt = 0): RuleState {
  return texts.split(' ').reduce((state, text) => {
    const [signalType = '', at] = text.split('@');
    const occurredAt = Number(at);
    const event = { signalId: text, signalType, source: 's', direction: 'NEUTRAL' as const, confidence: 1, occurredAt };
    return advanceRule(rule, state, { ...event, seenAt: Math.max(seenAt, occurredAt) }).state;
  }, EMPTY_RULE_STATE);
}

describe('absence', () => {
  it('fires at the deadline: a grace period after the window, by the clock', () => {
    const state = after('a@5');
    const due = 5 + 1000 + ABSENCE_GRACE_MS;
    expect(dueAt(rule, state)).toBe(due);
    expect(expireRule(rule, state, due - 1)).toEqual({ state, fired: null });
    const expired = expireRule(rule, state, due);
    expect(expired.fired).toEqual({
      consumed: [{ signalId: 'a@5', signalType: 'a', occurredAt: 5, condition: 0 }],
      at: 1005,
    });
    expect(expireRule(rule, expired.state, due).fired).toBeNull();
    expect(dueAt(rule, expired.state)).toBeNull();
  });

  it('counts the window from when a signal was seen if that is later, so a backlog is read first', () => {
    expect(dueAt(rule, after('a@5', 70_000))).toBe(71_000 + ABSENCE_GRACE_MS);
  });

  it('is due at once when a later signal shows that event time has passed the deadline', () => {
    expect(dueAt(rule, after('a@5 a@1005', 70_000))).toBe(71_000 + ABSENCE_GRACE_MS);
    expect(dueAt(rule, after('a@5 a@1006', 70_000))).toBe(70_000);
    expect(dueAt(rule, after('a@5 g@1006', 70_000))).toBe(70_000);
  });

  it.each([
    ['within the window', 'a@5 g@900'],
    ['at the deadline', 'a@5 g@1005'],
    ['at the same event time', 'a@5 g@5'],
    ['that arrived before it', 'g@900 a@5'],
  ])('does not fire after a veto signal %s', (_, texts) => {
    expect(dueAt(rule, after(texts))).toBeNull();
  });

  it('is not vetoed by a signal before it', () => {
    expect(dueAt(rule, after('g@4 a@5'))).not.toBeNull();
  });

  it('fires each waiting signal, oldest first', () => {
    const state = after('a@5 a@7');
    const first = expireRule(rule, state, 1e9);
    const second = expireRule(rule, first.state, 1e9);
    const third = expireRule(rule, second.state, 1e9);
    expect([first, second, third].map(({ fired }) => fired?.consumed[0]?.signalId)).toEqual(['a@5', 'a@7', undefined]);
  });

  it('keeps a waiting signal however late the next one is, and does not count it twice', () => {
    const state = after('a@5 a@900000');
    const { fired, state: rest } = expireRule(rule, state, 900_001);
    expect(fired?.consumed[0]?.signalId).toBe('a@5');
    expect(rest.open).toHaveLength(1);
    const again = expireRule(rule, after('a@5'), 1e9).state;
    const event = { signalId: 'a@5', signalType: 'a', source: 's', direction: 'NEUTRAL' as const, confidence: 1 };
    expect(advanceRule(rule, again, { ...event, occurredAt: 5, seenAt: 5 }).effect).toBe('duplicate');
  });
});
