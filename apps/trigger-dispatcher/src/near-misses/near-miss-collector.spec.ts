import { MatchIndex } from '@tripline/matching';
import { NEAR_MISSES_PER_PIPELINE, type NearMissRecord } from '@tripline/decision-store';
import { buildPipeline, buildSignal } from '@tripline/testing';

import { createNearMissCollector } from './near-miss-collector';

function createHarness(options: { index?: Pick<MatchIndex, 'nearMisses'>; searchesPerSecond?: number } = {}) {
  const written: NearMissRecord[] = [];
  const counts = { searched: 0, skipped: 0, recorded: 0, dropped: 0 };
  const failures: unknown[] = [];
  const database = { isAway: false };
  const wants95 = buildPipeline({ subscriptions: [{ signalType: 'golden_cross', minConfidence: 95 }] });
  const collector = createNearMissCollector({
    currentIndex: () => options.index ?? MatchIndex.build([wants95]),
    store: {
      record: (rows) => {
        if (database.isAway) return Promise.reject(new Error('away'));
        written.push(...rows);
        return Promise.resolve(rows.length);
      },
    },
    searchesPerSecond: options.searchesPerSecond ?? 1_000,
    monotonicMs: () => 0,
    yieldToLoop: () => Promise.resolve(),
    onSearched: ({ searched, skipped }) => {
      counts.searched += searched;
      counts.skipped += skipped;
    },
    onWritten: ({ recorded, dropped }) => {
      counts.recorded += recorded;
      counts.dropped += dropped;
    },
    onFailed: (error) => failures.push(error),
  });
  const offer = (count: number) => {
    const signals = Array.from({ length: count }, () => buildSignal());
    for (const signal of signals) collector.offer(signal);
    return signals;
  };
  return { collector, written, counts, failures, database, wants95, offer };
}

describe('createNearMissCollector', () => {
  it('stores which signal nearly matched which pipeline, and by how much it missed', async () => {
    const { collector, written, wants95, counts } = createHarness();
    const signal = buildSignal();
    collector.offer(signal);
    await collector.stop();
    expect(written).toEqual([
      {
        pipelineId: wants95.id,
        signalId: signal.signalId,
        signalType: 'golden_cross',
        ticker: '^SPX',
        reason: 'confidence',
        detail: {
          pipeline_version: 1,
          direction: 'BULLISH',
          confidence: 80,
          source: 'test',
          wanted_type: 'golden_cross',
          wanted_direction: null,
          wanted_source: null,
          min_confidence: 95,
          short_by: 15,
        },
        occurredAt: signal.occurredAt,
      },
    ]);
    expect(counts).toEqual({ searched: 1, skipped: 0, recorded: 1, dropped: 0 });
  });

  it('searches at most the allowed number of signals per second and counts the rest', async () => {
    const { collector, counts, offer } = createHarness({ searchesPerSecond: 10 });
    offer(25);
    await collector.stop();
    expect(counts).toMatchObject({ searched: 10, skipped: 15 });
    offer(4);
    await collector.stop();
    expect(counts).toMatchObject({ searched: 14, skipped: 15 });
  });

  it('keeps only the newest near misses of each pipeline in memory', async () => {
    const { collector, written, counts, offer } = createHarness();
    const signals = offer(NEAR_MISSES_PER_PIPELINE + 7);
    await collector.stop();
    expect(written.map(({ signalId }) => signalId)).toEqual(signals.slice(7).map((signal) => signal.signalId));
    expect(counts).toMatchObject({ recorded: NEAR_MISSES_PER_PIPELINE, dropped: 7 });
  });

  it('drops and counts near misses while the database is unavailable', async () => {
    const { collector, counts, failures, database, offer } = createHarness();
    database.isAway = true;
    offer(3);
    await collector.stop();
    expect(counts).toMatchObject({ recorded: 0, dropped: 3 });
    expect(failures).toHaveLength(1);
  });

  it('searches nothing when the limit is 0', async () => {
    const { collector, counts, offer } = createHarness({ searchesPerSecond: 0 });
    offer(3);
    await collector.stop();
    expect(counts).toEqual({ searched: 0, skipped: 3, recorded: 0, dropped: 0 });
  });

  it('reports a failed search and continues', async () => {
    const index = {
      nearMisses: () => {
        throw new Error('broken');
      },
    };
    const { collector, failures, offer } = createHarness({ index });
    offer(2);
    await collector.stop();
    expect(failures).toHaveLength(1);
  });
});
