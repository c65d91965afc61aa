import { type Signal, signalIdOf } from '@tripline/triggers';
import { buildSignal } from '@tripline/testing';

import { openReplayFixture, type ReplayFixture } from './replay-fixture';

jest.setTimeout(120_000);

/** Two users with pipelines on one ticker, on real Kafka and PostgreSQL, decided by the dispatcher's own handler. */
describe('private signals', () => {
  let fixture: ReplayFixture;
  beforeAll(async () => {
    fixture = await openReplayFixture();
  });
  afterAll(() => fixture.close());

  const decided = () =>
    fixture.rows<{ pipeline_id: string; signal_id: string; outcome: string }>(
      'SELECT pipeline_id, signal_id, outcome FROM signal_matches',
    );

  it("start only their owner's pipelines, and do not block another user's genuine signal even by claiming its id", async () => {
    const [alice, bob] = [await fixture.addTrader(), await fixture.addTrader()];
    const [alices, bobs] = [await fixture.addPipeline({}, alice), await fixture.addPipeline({}, bob)];
    const now = Date.now();
    const genuine = buildSignal({
      signalId: signalIdOf({
        ...{ generator: 'golden_cross', version: 1, ticker: '^SPX', timeframe: '1d', signalType: 'golden_cross' },
        barEnd: now,
      }),
      occurredAt: now,
    });
    const mine = { publisher: alice.userId, owner: alice.userId };
    const scoped: Signal = buildSignal({ ...mine, occurredAt: now });
    const claimed: Signal = { ...genuine, ...mine, metadata: { note: 'published before the generator did' } };
    const future = buildSignal({ occurredAt: Date.UTC(2028, 0, 1) });
    await fixture.publishSignals([scoped, claimed, future]);
    expect((await fixture.replay('--from', String(now - 60_000))).code).toBe(0);
    const first = await decided();
    expect(new Set(first.map((row) => row.pipeline_id))).toEqual(new Set([alices.id]));
    expect(first.map((row) => row.signal_id).sort()).toEqual([scoped.signalId, claimed.signalId].sort());
    expect(await fixture.rows('SELECT reason FROM dead_signals')).toEqual([{ reason: 'event_time_in_future' }]);

    await fixture.publishSignals([genuine]);
    expect((await fixture.replay('--from', String(now - 60_000))).code).toBe(0);
    expect((await decided()).filter((row) => row.pipeline_id === bobs.id)).toEqual([
      { pipeline_id: bobs.id, signal_id: genuine.signalId, outcome: 'TRIGGERED' },
    ]);
    expect(
      await fixture.rows('SELECT count(*)::int AS runs FROM executions WHERE pipeline_id = $1', [bobs.id]),
    ).toEqual([{ runs: 1 }]);
  });
});
