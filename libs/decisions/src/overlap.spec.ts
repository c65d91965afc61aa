import * as fc from 'fast-check';

import { OVERLAP_KEYS, OVERLAP_POLICIES, type OverlapRule } from '@tripline/triggers';
import type { ActiveRun } from './decision';
import { overlapKeyOf, resolveOverlap } from './overlap';

const NOW = Date.UTC(2024, 0, 1);
const ruleOf = (overrides: Partial<OverlapRule>): OverlapRule => ({
  policy: 'skip',
  key: 'pipeline',
  limit: 1,
  ttlMs: 0,
  ...overrides,
});
const run = (executionId: string, overrides: Partial<ActiveRun> = {}): ActiveRun => ({
  executionId,
  overlapKey: '',
  slot: 0,
  expiresAtMs: null,
  ...overrides,
});
const waits = (executionId: string, expiresAtMs: number | null = null): ActiveRun =>
  run(executionId, { slot: null, expiresAtMs });

describe('resolveOverlap', () => {
  it.each(OVERLAP_POLICIES)('%s starts an execution on a free pipeline at once', (policy) => {
    const answer = resolveOverlap(ruleOf({ policy }), '', [], NOW);
    expect(answer).toMatchObject({ reason: 'trigger_accepted', plan: { slot: 0, ends: [] } });
  });

  it('skip names the active execution', () => {
    const answer = resolveOverlap(ruleOf({}), '', [run('a')], NOW);
    expect(answer).toEqual({ plan: null, reason: 'execution_active', detail: { active_execution_id: 'a' } });
  });

  it('replace cancels the active execution and takes its slot', () => {
    const answer = resolveOverlap(ruleOf({ policy: 'replace' }), '', [run('a')], NOW);
    expect(answer).toMatchObject({
      reason: 'replaced_active',
      detail: { replaced_execution_id: 'a' },
      plan: { slot: 0, ends: [{ executionId: 'a', status: 'cancelled', stopReason: 'replaced' }] },
    });
  });

  it('queue_latest supersedes the waiting execution', () => {
    const answer = resolveOverlap(ruleOf({ policy: 'queue_latest', ttlMs: 500 }), '', [run('a'), waits('b')], NOW);
    expect(answer).toMatchObject({
      reason: 'queued_behind_active',
      plan: { slot: null, expiresAtMs: NOW + 500, ends: [{ executionId: 'b', status: 'skipped' }] },
    });
  });

  it('queue_latest starts at once when only an expired execution waits', () => {
    const answer = resolveOverlap(ruleOf({ policy: 'queue_latest' }), '', [waits('b')], NOW);
    expect(answer).toMatchObject({ plan: { slot: 0, ends: [{ executionId: 'b', stopReason: 'superseded' }] } });
  });

  it('queue accepts triggers up to its length and drops the expired ones', () => {
    const queue = ruleOf({ policy: 'queue', limit: 2 });
    const full = [run('a'), waits('b'), waits('c', NOW + 1)];
    expect(resolveOverlap(queue, '', full, NOW)).toMatchObject({
      plan: null,
      reason: 'queue_full',
      detail: { waiting: 2, queue_limit: 2 },
    });
    expect(resolveOverlap(queue, '', full, NOW + 1)).toMatchObject({
      plan: { slot: null, ends: [{ executionId: 'c', stopReason: 'queue_ttl_expired' }] },
    });
  });

  it('queue does not overtake a waiting execution when the slot is free', () => {
    const answer = resolveOverlap(ruleOf({ policy: 'queue', limit: 2 }), '', [waits('b')], NOW);
    expect(answer).toMatchObject({ reason: 'queued_behind_active', plan: { slot: null, ends: [] } });
  });

  it('parallel assigns the lowest free slot until all are taken', () => {
    const parallel = ruleOf({ policy: 'parallel', limit: 3 });
    const two = [run('a'), run('c', { slot: 2 })];
    expect(resolveOverlap(parallel, '', two, NOW)).toMatchObject({ plan: { slot: 1 } });
    expect(resolveOverlap(parallel, '', [...two, run('b', { slot: 1 })], NOW)).toMatchObject({
      reason: 'parallel_limit',
      detail: { active: 3, parallel_limit: 3 },
    });
  });

  it('separates tickers, but not from an execution of the whole pipeline', () => {
    const rule = ruleOf({ key: 'ticker' });
    const spx = run('a', { overlapKey: '^SPX' });
    expect(resolveOverlap(rule, 'MSFT', [spx], NOW).plan).not.toBeNull();
    expect(resolveOverlap(rule, '^SPX', [spx], NOW).plan).toBeNull();
    expect(resolveOverlap(rule, 'MSFT', [run('b')], NOW).plan).toBeNull();
    expect(resolveOverlap(ruleOf({}), '', [spx], NOW).plan).toBeNull();
  });

  it('never assigns a slot twice, never exceeds the limit, and always answers', () => {
    const runs = fc.uniqueArray(
      fc.record({
        executionId: fc.uuid(),
        overlapKey: fc.constantFrom('', 'A', 'B'),
        slot: fc.option(fc.integer({ min: 0, max: 5 })),
        expiresAtMs: fc.option(fc.constantFrom(NOW - 1, NOW, NOW + 1)),
      }),
      { selector: (item) => `${item.overlapKey}/${item.slot ?? item.executionId}`, maxLength: 8 },
    );
    const rules = fc.record({
      policy: fc.constantFrom(...OVERLAP_POLICIES),
      key: fc.constantFrom(...OVERLAP_KEYS),
      limit: fc.integer({ min: 1, max: 4 }),
      ttlMs: fc.constantFrom(0, 1000),
    });
    fc.assert(
      fc.property(rules, fc.constantFrom('A', 'B', null), runs, (rule, ticker, before) => {
        const key = overlapKeyOf(rule, ticker);
        const { plan } = resolveOverlap(rule, key, before, NOW);
        if (plan === null) return;
        const ended = new Set(plan.ends.map((end) => end.executionId));
        const left = before.filter((item) => !ended.has(item.executionId));
        const same = left.filter((item) => item.overlapKey === key);
        if (plan.slot === null) {
          const limit = rule.policy === 'queue' ? rule.limit : 1;
          expect(same.filter((item) => item.slot === null).length).toBeLessThan(limit);
          expect(plan.expiresAtMs).toBe(rule.ttlMs === 0 ? null : NOW + rule.ttlMs);
        } else {
          expect(same.map((item) => item.slot)).not.toContain(plan.slot);
          expect(plan.slot).toBeLessThan(rule.policy === 'parallel' ? rule.limit : 1);
        }
        for (const end of plan.ends) {
          const item = before.find(({ executionId }) => executionId === end.executionId);
          expect(end.status).toBe(item?.slot === null ? 'skipped' : 'cancelled');
        }
      }),
    );
  });
});
