import type { OverlapRule, Pipeline, Signal } from '@tripline/triggers';
import { buildSignal } from '@tripline/testing';
import { randomUUID } from 'node:crypto';

import { LeaseLostError } from '@tripline/database';
import type { ChunkRecord, DecisionLogEntry } from '../src/decisions/decision-records';
import { createDecisionStore } from '../src/decisions/decision-store';
import { createExecutionStore, createSweepStore } from '@tripline/execution-store';
import { createQuotaRepository } from '@tripline/user-store';
import { buildChunk, buildRecord, type Fixture, openFixture } from '@tripline/store-fixture';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

const overlap = (rule: Partial<OverlapRule>): { overlap: OverlapRule } => ({
  overlap: { policy: 'skip', key: 'pipeline', limit: 1, ttlMs: 0, ...rule },
});
const store = () => createDecisionStore(fixture.database);

/** Decides one signal per call on the pipeline, each in a chunk of its own. */
function createFeed(pipeline: Pipeline) {
  const topic = randomUUID();
  let offset = 0n;
  return async (ticker = '^SPX', signal: Partial<Signal> = {}) => {
    const record = buildRecord(offset++, [], { signal });
    const matches = [{ pipeline, ticker, confidence: 80, direction: 'BULLISH' as const }];
    return store().decideChunk(buildChunk([{ ...record, matches }], { topic }));
  };
}

interface Run {
  readonly id: string;
  readonly status: string;
  readonly slot: number | null;
  readonly stop_reason: string | null;
  readonly dispatch_gen: number;
}
const runsOf = async (pipeline: Pipeline) =>
  fixture.rows<Run>(
    'SELECT id, status, slot, stop_reason, dispatch_gen FROM executions WHERE pipeline_id = $1 ORDER BY created_at',
    [pipeline.id],
  );
const statuses = async (pipeline: Pipeline) =>
  (await runsOf(pipeline)).map((run) => `${run.status}:${run.slot ?? 'waits'}:${run.stop_reason ?? ''}`);

describe('overlap policies', () => {
  it('replace cancels the running execution, fences its worker and abandons its unsent intent', async () => {
    const pipeline = await fixture.addPipeline(overlap({ policy: 'replace' }));
    const feed = createFeed(pipeline);
    const [first] = (await feed()).created;
    const worker = createExecutionStore(fixture.database);
    await worker.claim(first?.executionId ?? '', 1, { owner: 'w', leaseMs: 30_000 });
    await fixture.rows(
      `INSERT INTO order_intents (client_order_id, execution_id, pipeline_id, params) VALUES ($1, $2, $3, '{}')`,
      [randomUUID(), first?.executionId, pipeline.id],
    );
    const second = await feed();

    expect(second.decisions).toMatchObject([{ outcome: 'TRIGGERED', reason: 'replaced_active' }]);
    expect(second.ended).toEqual([{ executionId: first?.executionId, status: 'cancelled', stopReason: 'replaced' }]);
    expect(second.created).toHaveLength(1);
    expect(await statuses(pipeline)).toEqual(['cancelled:0:replaced', 'pending:0:']);
    const intents = await fixture.rows('SELECT state FROM order_intents WHERE pipeline_id = $1', [pipeline.id]);
    expect(intents).toEqual([{ state: 'abandoned' }]);
    const lease = { executionId: first?.executionId ?? '', leaseToken: 1 };
    await expect(worker.finish({ ...lease, status: 'completed', cost: '0' })).rejects.toBeInstanceOf(LeaseLostError);
  });

  it('replace within one chunk creates an execution for every pair and leaves the last one in the slot', async () => {
    const pipeline = await fixture.addPipeline(overlap({ policy: 'replace' }));
    const records = [0n, 1n, 2n].map((offset) => buildRecord(offset, [pipeline]));
    const { decisions, created } = await store().decideChunk(buildChunk(records, { topic: randomUUID() }));
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['TRIGGERED', 'TRIGGERED', 'TRIGGERED']);
    expect(created.map(({ executionId }) => executionId)).toEqual([decisions[2]?.executionId]);
    expect(await statuses(pipeline)).toEqual(['cancelled:0:replaced', 'cancelled:0:replaced', 'pending:0:']);
  });

  it('queue_latest keeps only the newest waiting', async () => {
    const pipeline = await fixture.addPipeline(overlap({ policy: 'queue_latest' }));
    const feed = createFeed(pipeline);
    const results = [await feed(), await feed(), await feed()];
    expect(results.map(({ decisions }) => decisions[0]?.reason)).toEqual([
      'trigger_accepted',
      'queued_behind_active',
      'queued_behind_active',
    ]);
    expect(results.map(({ created }) => created.length)).toEqual([1, 0, 0]);
    expect(await statuses(pipeline)).toEqual(['pending:0:', 'skipped:waits:superseded', 'pending:waits:']);
  });

  it('queue accepts n executions, starts them in order, and expires those that waited too long', async () => {
    const pipeline = await fixture.addPipeline(overlap({ policy: 'queue', limit: 2, ttlMs: 60_000 }));
    const feed = createFeed(pipeline);
    const results = [await feed(), await feed(), await feed(), await feed()];
    expect(results.map(({ decisions }) => decisions[0]?.reason)).toEqual([
      'trigger_accepted',
      'queued_behind_active',
      'queued_behind_active',
      'queue_full',
    ]);
    const [, second] = await runsOf(pipeline);
    await fixture.rows(`UPDATE executions SET expires_at = now() - interval '1 s' WHERE id = $1`, [second?.id]);
    expect((await feed()).ended).toEqual([
      { executionId: second?.id, status: 'skipped', stopReason: 'queue_ttl_expired' },
    ]);
    const seqs = await fixture.rows<{ queued_seq: number }>(
      `SELECT queued_seq FROM executions WHERE pipeline_id = $1 AND slot IS NULL ORDER BY created_at`,
      [pipeline.id],
    );
    expect(seqs.map((row) => row.queued_seq)).toEqual([...seqs.map((row) => row.queued_seq)].sort((a, b) => a - b));
  });

  it('parallel fills its slots, and each ticker has its own slots', async () => {
    const pipeline = await fixture.addPipeline(overlap({ policy: 'parallel', key: 'ticker', limit: 2 }));
    const feed = createFeed(pipeline);
    const reasons = [];
    for (const ticker of ['A', 'A', 'A', 'B']) reasons.push((await feed(ticker)).decisions[0]?.reason);
    expect(reasons).toEqual(['trigger_accepted', 'trigger_accepted', 'parallel_limit', 'trigger_accepted']);
    expect(await statuses(pipeline)).toEqual(['pending:0:', 'pending:1:', 'pending:0:']);
  });

  it('deny every claim on a waiting execution', async () => {
    const pipeline = await fixture.addPipeline(overlap({ policy: 'queue' }));
    const feed = createFeed(pipeline);
    await feed();
    const [waiting] = (await feed()).decisions;
    await expect(
      fixture.rows(
        `UPDATE executions SET status = 'running', lease_until = now() WHERE id = $1 AND status = 'pending'`,
        [waiting?.executionId],
      ),
    ).rejects.toMatchObject({ constraint: 'executions_running_has_slot' });
  });
});

describe('gates', () => {
  it('of halt, market and quality deny in the transaction and record their values', async () => {
    const halted = await fixture.addPipeline();
    const [halt] = await fixture.rows<{ id: string }>(
      `INSERT INTO halts (level, subject, mode, reason, engaged_by) VALUES ('pipeline', $1, 'pause', 'test', $2) RETURNING id`,
      [halted.id, fixture.trader.userId],
    );
    expect((await createFeed(halted)()).decisions).toMatchObject([
      { outcome: 'SKIPPED_RISK_HALT', reason: 'halted_pipeline', detail: { halt_id: halt?.id } },
    ]);
    const closed = await fixture.addPipeline({ market: { calendar: 'XNYS', session: 'regular' } });
    const sunday = { occurredAt: Date.UTC(2024, 0, 7, 15) };
    expect((await createFeed(closed)('^SPX', sunday)).decisions).toMatchObject([{ reason: 'market_closed' }]);
    const picky = createFeed(await fixture.addPipeline({ minQuality: 0.9 }));
    expect((await picky()).decisions).toMatchObject([{ reason: 'quality_unknown' }]);
    const low = await picky('^SPX', { metadata: { data_quality_score: 0.5 } });
    expect(low.decisions).toMatchObject([
      { reason: 'quality_below_minimum', detail: { quality: 0.5, min_quality: 0.9 } },
    ]);
    const good = await picky('^SPX', { metadata: { data_quality_score: 0.95 } });
    expect(good.decisions).toMatchObject([{ outcome: 'TRIGGERED' }]);
  });
});

describe('concurrent dispatchers', () => {
  const PARTITIONS = 6;
  const CHUNKS = 8;

  /** Records of a partition; every third is sent twice. */
  function recordsOf(partition: number, pipelines: readonly Pipeline[]): readonly ChunkRecord[] {
    return Array.from({ length: CHUNKS * 3 }, (_, index) => {
      const signal = buildSignal();
      const matches = pipelines
        .filter((_pipeline, place) => (place + index + partition) % 3 !== 0)
        .map((pipeline) => ({
          pipeline,
          ticker: index % 2 ? 'A' : 'B',
          confidence: 80,
          direction: 'BULLISH' as const,
        }));
      return { ...buildRecord(BigInt(index), []), signal, matches };
    });
  }

  it('keep the limits of slots, queues and quotas while executions are claimed and end', async () => {
    const limited = await fixture.addTrader();
    await createQuotaRepository(fixture.database).set(
      limited.userId,
      { maxActive: 3, maxPerMinute: 20, maxPerDay: 25 },
      fixture.trader.userId,
    );
    const rules: Partial<OverlapRule>[] = [
      { policy: 'skip' },
      { policy: 'replace', key: 'ticker' },
      { policy: 'queue_latest' },
      { policy: 'queue', limit: 3, key: 'ticker' },
      { policy: 'parallel', limit: 2 },
    ];
    const pipelines = [
      ...(await Promise.all(rules.map(async (rule) => fixture.addPipeline(overlap(rule))))),
      ...(await Promise.all(rules.map(async (rule) => fixture.addPipeline(overlap(rule), limited)))),
    ];
    const topic = randomUUID();
    const decisions: DecisionLogEntry[] = [];
    const state = { isDone: false, broken: [] as unknown[] };
    const all = Array.from({ length: PARTITIONS }, (_, partition) => recordsOf(partition, pipelines));
    const dispatch = async (partition: number): Promise<void> => {
      const records = all[partition] ?? [];
      for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
        // Chunks overlap, as after a rebalance: the first records were also in the chunk before.
        const slice = records.slice(Math.max(0, chunk * 3 - 2), chunk * 3 + 3);
        decisions.push(...(await store().decideChunk(buildChunk(slice, { topic, partition }))).decisions);
      }
    };
    const workers = Promise.all([0, 1].map(async (owner) => work(`w${owner}`, state)));
    const watcher = watch(pipelines, limited.userId, state);
    // Each partition twice at once: the old owner and the new one after a rebalance.
    await Promise.all([0, 1, 2, 3, 4, 5, 0, 3].map(dispatch));
    state.isDone = true;
    await Promise.all([workers, watcher]);

    expect(state.broken).toEqual([]);
    const expected = all
      .flat()
      .flatMap((record) => record.matches.map((match) => `${record.signal.signalId}/${match.pipeline.id}`));
    expect(decisions.map((entry) => `${entry.signalId}/${entry.pipelineId}`).sort()).toEqual(expected.sort());
    await checkSnapshot(pipelines, limited.userId);
  });

  /** Claims and finishes every pending execution that has a slot. */
  async function work(owner: string, state: { readonly isDone: boolean }): Promise<void> {
    const store = createExecutionStore(fixture.database);
    const sweeper = createSweepStore(fixture.database);
    while (!state.isDone) {
      await sweeper.sweep();
      const due = await fixture.rows<{ id: string; dispatch_gen: number }>(
        `SELECT id, dispatch_gen FROM executions WHERE status = 'pending' AND slot IS NOT NULL ORDER BY random() LIMIT 5`,
      );
      for (const run of due) {
        const claimed = await store.claim(run.id, run.dispatch_gen, { owner, leaseMs: 60_000 });
        if (claimed === null) continue;
        await fixture.rows(
          `UPDATE executions SET status = 'completed', finished_at = clock_timestamp() WHERE id = $1 AND status = 'running'`,
          [run.id],
        );
      }
    }
  }

  /** Reads the tables continuously: no snapshot may show more than the policies allow. */
  async function watch(
    pipelines: readonly Pipeline[],
    userId: string,
    state: { readonly isDone: boolean; broken: unknown[] },
  ): Promise<void> {
    const rules = new Map(pipelines.map((pipeline) => [pipeline.id, pipeline.overlap] as const));
    while (!state.isDone) {
      const rows = await fixture.rows<{ id: string; key: string; active: number; waiting: number }>(
        `SELECT pipeline_id AS id, overlap_key AS key, count(slot)::int AS active, (count(*) - count(slot))::int AS waiting
         FROM executions WHERE status IN ('pending', 'running') GROUP BY 1, 2`,
      );
      for (const row of rows) {
        const rule = rules.get(row.id);
        if (rule === undefined) continue;
        const waiting = rule.policy === 'queue' ? rule.limit : rule.policy === 'queue_latest' ? 1 : 0;
        const active = rule.policy === 'parallel' ? rule.limit : 1;
        if (row.active > active || row.waiting > waiting) state.broken.push({ rule, ...row });
      }
      const [user] = await fixture.rows<{ n: number }>(
        `SELECT count(*)::int AS n FROM executions WHERE user_id = $1 AND status IN ('pending', 'running')`,
        [userId],
      );
      if ((user?.n ?? 0) > 3) state.broken.push({ active: user?.n });
    }
  }

  async function checkSnapshot(pipelines: readonly Pipeline[], userId: string): Promise<void> {
    const ids = pipelines.map((pipeline) => pipeline.id);
    const [snapshot] = await fixture.rows<{ orphans: number; triggered: number; executions: number }>(
      `SELECT (SELECT count(*)::int FROM executions e WHERE pipeline_id = ANY ($1::uuid[]) AND NOT EXISTS
          (SELECT FROM signal_matches m WHERE m.execution_id = e.id AND m.outcome = 'TRIGGERED')) AS orphans,
        (SELECT count(*)::int FROM signal_matches WHERE pipeline_id = ANY ($1::uuid[]) AND outcome = 'TRIGGERED') AS triggered,
        (SELECT count(*)::int FROM executions WHERE pipeline_id = ANY ($1::uuid[])) AS executions`,
      [ids],
    );
    expect(snapshot).toEqual({ orphans: 0, triggered: snapshot?.executions, executions: snapshot?.executions });
    const [usage] = await fixture.rows<{ day: number; used: number }>(
      `SELECT u.day_count AS day, (SELECT count(*)::int FROM signal_matches m WHERE m.user_id = u.user_id
        AND m.outcome = 'TRIGGERED') AS used FROM user_usage u WHERE u.user_id = $1`,
      [userId],
    );
    expect(usage?.day).toBe(usage?.used);
    expect(usage?.used).toBeLessThanOrEqual(25);
    expect(usage?.used).toBeGreaterThan(0);
  }
});
