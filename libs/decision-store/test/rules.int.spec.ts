import { ABSENCE_GRACE_MS } from '@tripline/decisions';
import { absenceTriggerIdOf, type Pipeline, type SignalRule } from '@tripline/triggers';
import { randomUUID } from 'node:crypto';

import type { ChunkRecord } from '../src/decisions/decision-records';
import { createDecisionStore } from '../src/decisions/decision-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createRuleStage } from '../src/rules/rule-stage';
import { createRuleStore } from '../src/rules/rule-store';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

const HOUR_MS = 3_600_000;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

const store = () => createDecisionStore(fixture.database);
const subscription = (signalType: string) => ({ signalType, minConfidence: 0 });
const rule = (overrides: Partial<SignalRule>): SignalRule => ({
  kind: 'all',
  conditions: [subscription('golden_cross'), subscription('volume_spike')],
  count: 2,
  withinMs: HOUR_MS,
  noneOf: [],
  ...overrides,
});
const addRulePipeline = (overrides: Partial<SignalRule> = {}, more: Partial<Pipeline> = {}) =>
  fixture.addPipeline({ rule: rule(overrides), ...more });

let started = 0;
beforeEach(() => {
  started = Date.now() - 10 * HOUR_MS;
});
/** A signal this many minutes after the start of the test's event time. */
const at = (offset: number, pipelines: readonly Pipeline[], signalType: string, minutes: number): ChunkRecord =>
  buildRecord(BigInt(offset), pipelines, { signal: { signalType, occurredAt: started + minutes * 60_000 } });

const decisionLog = (pipeline: Pipeline) =>
  fixture.rows<{ signal_id: string; outcome: string; reason: string; detail: Record<string, unknown> }>(
    'SELECT signal_id, outcome, reason, detail FROM signal_matches WHERE pipeline_id = $1 ORDER BY off NULLS LAST',
    [pipeline.id],
  );
const finish = (pipeline: Pipeline) =>
  fixture.rows(
    `UPDATE executions SET status = 'completed', finished_at = now(), slot = NULL WHERE pipeline_id = $1 AND finished_at IS NULL`,
    [pipeline.id],
  );
const states = (pipeline: Pipeline) =>
  fixture.rows<{ ticker: string; state: { open: unknown[] }; due_at: Date | null; version: number }>(
    'SELECT ticker, state, due_at, version FROM rule_states WHERE pipeline_id = $1',
    [pipeline.id],
  );

describe('a rule in the deciding transaction', () => {
  it('waits and names the missing signals, then fires and names the consumed ones', async () => {
    const pipeline = await addRulePipeline();
    const records = [at(0, [pipeline], 'golden_cross', 0), at(1, [pipeline], 'volume_spike', 30)];
    const { created } = await store().decideChunk(buildChunk(records, { topic: randomUUID() }));

    expect(created).toHaveLength(1);
    const [pending, fired] = await decisionLog(pipeline);
    expect(pending).toMatchObject({
      outcome: 'COALESCED',
      reason: 'rule_pending',
      detail: {
        rule: 'all',
        needed: 2,
        present: [{ condition: 0, signal_type: 'golden_cross' }],
        missing: ['volume_spike'],
      },
    });
    expect(fired).toMatchObject({
      outcome: 'TRIGGERED',
      reason: 'rule_fired',
      detail: {
        rule: 'all',
        consumed_signals: [
          { signal_id: records[0]?.signal.signalId, signal_type: 'golden_cross', occurred_at: started, condition: 0 },
          { signal_id: records[1]?.signal.signalId, condition: 1 },
        ],
      },
    });
    expect((await states(pipeline))[0]?.state.open).toEqual([]);
  });

  it('continues in the middle of a window after a restart, for any boundaries of redelivered chunks', async () => {
    const pipeline = await addRulePipeline({
      kind: 'sequence',
      conditions: [subscription('a'), subscription('b'), subscription('c')],
      count: 3,
    });
    const topic = randomUUID();
    const records = ['a', 'b', 'x', 'c', 'a', 'b', 'c', 'a'].map((type, index) => at(index, [pipeline], type, index));
    let created = 0;
    for (const [from, to] of [
      [0, 2],
      [0, 3],
      [1, 4],
      [0, 1],
      [3, 6],
      [0, 8],
      [5, 8],
    ] as const) {
      // A new store each time, so nothing is kept in memory.
      const result = await store().decideChunk(buildChunk(records.slice(from, to), { topic }));
      created += result.created.length;
      await finish(pipeline);
    }
    expect(created).toBe(2);
    const fired = (await decisionLog(pipeline)).filter(({ reason }) => reason === 'rule_fired');
    const consumed = fired.flatMap(({ detail }) => detail['consumed_signals'] as { signal_id: string }[]);
    expect(consumed.map(({ signal_id }) => signal_id)).toEqual(
      [0, 1, 3, 4, 5, 6].map((index) => records[index]?.signal.signalId),
    );
  });

  it('fires once when two dispatchers decide the same chunks concurrently', async () => {
    const pipelines = await Promise.all(Array.from({ length: 4 }, () => addRulePipeline()));
    const topic = randomUUID();
    const records = Array.from({ length: 24 }, (_, index) =>
      at(index, pipelines, index % 2 === 0 ? 'golden_cross' : 'volume_spike', index),
    );
    const chunks = [0, 8, 16].map((from) => buildChunk(records.slice(from, from + 8), { topic }));
    const dispatch = async () => {
      for (const chunk of chunks) await store().decideChunk(chunk);
    };
    await Promise.all([dispatch(), dispatch()]);
    for (const pipeline of pipelines) {
      const lines = await decisionLog(pipeline);
      expect(lines).toHaveLength(24);
      const consumed = lines.flatMap(({ detail }) => (detail['consumed_signals'] ?? []) as { signal_id: string }[]);
      expect(consumed).toHaveLength(24);
      expect(new Set(consumed.map(({ signal_id }) => signal_id)).size).toBe(24);
    }
  });

  it('consumes its signals although the firing is denied, so that nothing old fires later', async () => {
    const pipeline = await addRulePipeline();
    const topic = randomUUID();
    const types = ['golden_cross', 'volume_spike', 'golden_cross', 'volume_spike'];
    await store().decideChunk(
      buildChunk(
        types.map((type, index) => at(index, [pipeline], type, index)),
        { topic },
      ),
    );
    await finish(pipeline);
    await store().decideChunk(buildChunk([at(4, [pipeline], 'volume_spike', 5)], { topic }));
    expect((await decisionLog(pipeline)).map(({ outcome }) => outcome)).toEqual([
      'COALESCED',
      'TRIGGERED',
      'COALESCED',
      'SKIPPED_ACTIVE',
      'COALESCED',
    ]);
    expect((await decisionLog(pipeline))[3]?.detail).toMatchObject({ consumed_signals: [{}, {}] });
  });

  it('starts empty at a new version', async () => {
    const pipeline = await addRulePipeline();
    const topic = randomUUID();
    await store().decideChunk(buildChunk([at(0, [pipeline], 'golden_cross', 0)], { topic }));
    const changed = { ...pipeline, cooldownMs: 1 };
    await createPipelineRepository(fixture.database).update(fixture.trader, pipeline.id, changed);
    const next = { ...changed, version: 2 };
    await store().decideChunk(buildChunk([at(1, [next], 'volume_spike', 1)], { topic }));
    expect((await decisionLog(pipeline)).map(({ reason }) => reason)).toEqual(['rule_pending', 'rule_pending']);
    expect(await states(pipeline)).toMatchObject([{ version: 2, state: { open: [{}] } }]);
  });

  it('counts a veto signal that arrives while the market is closed', async () => {
    const noneOf = [subscription('earnings')];
    const pipeline = await addRulePipeline(
      { kind: 'any', conditions: [subscription('a')], noneOf, withinMs: 48 * HOUR_MS },
      { market: { calendar: 'XNYS', session: 'regular' } },
    );
    const topic = randomUUID();
    const signal = (signalType: string, occurredAt: number) => ({ signal: { signalType, occurredAt } });
    const records = [
      // Monday 2026-03-02 at 23:00 and Tuesday at 16:00, UTC: closed, then open.
      buildRecord(0n, [pipeline], signal('earnings', Date.UTC(2026, 2, 2, 23))),
      buildRecord(1n, [pipeline], signal('a', Date.UTC(2026, 2, 3, 16))),
    ];
    await store().decideChunk(buildChunk(records, { topic }));
    expect(await decisionLog(pipeline)).toMatchObject([
      { reason: 'market_closed' },
      { reason: 'rule_pending', detail: { blocked_by: 'earnings' } },
    ]);
  });

  it('deletes the least recently updated ticker when a pattern covers more than the limit', async () => {
    const pipeline = await addRulePipeline({}, { tickers: ['*'] });
    const limited = createDecisionStore(fixture.database, { rules: createRuleStage({ maxTickers: 3 }) });
    const topic = randomUUID();
    for (const [index, ticker] of ['A', 'B', 'C', 'A', 'D'].entries()) {
      const record = at(index, [pipeline], 'golden_cross', index);
      const matches = record.matches.map((match) => ({ ...match, ticker }));
      await limited.decideChunk(buildChunk([{ ...record, matches }], { topic }));
    }
    expect((await states(pipeline)).map(({ ticker }) => ticker).sort()).toEqual(['A', 'C', 'D']);
  });
});

describe('an absence', () => {
  const absence = (overrides: Partial<SignalRule> = {}) =>
    addRulePipeline({
      kind: 'absence',
      conditions: [subscription('a')],
      noneOf: [subscription('g')],
      withinMs: HOUR_MS,
      ...overrides,
    });
  const rules = () => createRuleStore(fixture.database);
  /** Moves the deadline into the past, because it is measured by the clock. */
  const makeDue = async (pipeline: Pipeline) => {
    await fixture.rows(
      `UPDATE rule_states SET due_at = now() - interval '1 s', state = jsonb_set(state, '{open,0,seen}', to_jsonb(0))
       WHERE pipeline_id = $1`,
      [pipeline.id],
    );
  };

  it('fires once at its deadline with several dispatchers, with an id of pipeline, ticker and signal', async () => {
    const pipeline = await absence();
    const record = at(0, [pipeline], 'a', 0);
    await store().decideChunk(buildChunk([record], { topic: randomUUID() }));
    const [state] = await states(pipeline);
    expect(state?.due_at?.getTime()).toBeGreaterThan(Date.now() + HOUR_MS + ABSENCE_GRACE_MS - 60_000);
    expect((await rules().fireDue(100)).decisions).toEqual([]);

    await makeDue(pipeline);
    const results = await Promise.all(Array.from({ length: 4 }, () => rules().fireDue(100)));
    expect(results.flatMap(({ created }) => created)).toHaveLength(1);
    const triggerId = absenceTriggerIdOf(pipeline.id, '^SPX', record.signal.signalId);
    expect(results.flatMap(({ decisions }) => decisions)).toMatchObject([
      {
        signalId: triggerId,
        outcome: 'TRIGGERED',
        reason: 'rule_fired',
        ticker: '^SPX',
        occurredAt: started + HOUR_MS,
        detail: { rule: 'absence', consumed_signals: [{ signal_id: record.signal.signalId }] },
      },
    ]);
    expect(await states(pipeline)).toMatchObject([{ due_at: null, state: { open: [] } }]);
    expect((await decisionLog(pipeline)).map(({ reason }) => reason)).toEqual(['rule_pending', 'rule_fired']);
  });

  it('does not fire after a veto signal, and is due at once when event time has passed', async () => {
    const pipeline = await absence();
    const topic = randomUUID();
    await store().decideChunk(buildChunk([at(0, [pipeline], 'a', 0), at(1, [pipeline], 'g', 59)], { topic }));
    expect(await states(pipeline)).toMatchObject([{ due_at: null }]);
    await store().decideChunk(buildChunk([at(2, [pipeline], 'a', 120), at(3, [pipeline], 'a', 181)], { topic }));
    const { decisions } = await rules().fireDue(100);
    expect(decisions).toMatchObject([{ reason: 'rule_fired', occurredAt: started + 180 * 60_000 }]);
  });

  it('leaves no deadline behind when the pipeline is changed', async () => {
    const pipeline = await absence();
    await store().decideChunk(buildChunk([at(0, [pipeline], 'a', 0)], { topic: randomUUID() }));
    await createPipelineRepository(fixture.database).update(fixture.trader, pipeline.id, {
      ...pipeline,
      cooldownMs: 5,
    });
    await makeDue(pipeline);
    expect(await rules().fireDue(100)).toMatchObject({ due: 1, decisions: [] });
    expect(await states(pipeline)).toEqual([]);
  });

  it('deletes states that no signal can need', async () => {
    const pipeline = await addRulePipeline();
    await store().decideChunk(buildChunk([at(0, [pipeline], 'golden_cross', 0)], { topic: randomUUID() }));
    expect(await rules().purge(100)).toBe(0);
    await fixture.rows(`UPDATE rule_states SET stale_at = now() - interval '1 s' WHERE pipeline_id = $1`, [
      pipeline.id,
    ]);
    expect(await rules().purge(100)).toBe(1);
  });
});
