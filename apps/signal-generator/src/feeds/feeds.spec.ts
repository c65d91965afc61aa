import { type BarSeries, createMockBars } from '@tripline/market';
import type { Signal } from '@tripline/triggers';

import { feedOfTopic } from './feed';
import { createHistoryFeed } from './history-feed';
import { createMockFeed, type MockFeedOptions } from './mock-feed';

const DAY_MS = 86_400_000;

function buildSeries(ticker: string, count: number, startMs = Date.UTC(2020, 0, 1)): BarSeries {
  const mock = createMockBars({ seed: 7, ticker, timeframeMs: DAY_MS, startMs });
  return { ticker, timeframe: '1d', bars: Array.from({ length: count }, (_, n) => mock.barAt(n)), rejected: [] };
}

const scoreOf = ({ metadata }: Signal) => metadata['data_quality_score'];
const historyOf = (series: readonly BarSeries[], speed: number | 'max' = 'max') =>
  createHistoryFeed({ series, speed, monotonicMs: () => 0 });

describe('createHistoryFeed', () => {
  const series = [buildSeries('BBB', 400), buildSeries('AAA', 400, Date.UTC(2020, 0, 1) + DAY_MS / 2)];

  it('yields the same signals with the same ids on every pass', () => {
    const ids = () => [...historyOf(series).steps()].flatMap(({ signals }) => signals.map(({ signalId }) => signalId));
    const first = ids();
    expect(first.length).toBeGreaterThan(20);
    expect(new Set(first).size).toBe(first.length);
    expect(ids()).toEqual(first);
  });

  it('merges its series by bar end without changing the signals of any ticker', () => {
    const steps = [...historyOf(series).steps()];
    const times = steps.map(({ eventTime }) => eventTime);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(steps).toHaveLength(800);

    const alone = [...historyOf([series[0] as BarSeries]).steps()].flatMap(({ signals }) => signals);
    const together = steps.flatMap(({ signals }) => signals).filter(({ tickers }) => tickers[0]?.ticker === 'BBB');
    expect(together).toEqual(alone);
  });

  it('dates a signal at the end of its bar, because a bar is only used once it has closed', () => {
    for (const { signals, eventTime } of historyOf(series).steps()) {
      for (const { occurredAt } of signals) expect(occurredAt).toBe(eventTime);
    }
  });

  it('reports the share of bars that passed the checks', () => {
    const good = buildSeries('AAA', 399);
    const flawed = {
      ...good,
      rejected: [{ line: 7, kind: 'negative_volume' as const, reason: 'volume -1 is negative' }],
    };
    const scores = (one: BarSeries) =>
      new Set([...historyOf([one]).steps()].flatMap(({ signals }) => signals.map(scoreOf)));
    expect(scores(good)).toEqual(new Set([1]));
    expect(scores(flawed)).toEqual(new Set([0.9975]));
  });

  it('spaces steps by its speed, and makes all due at once at max', () => {
    const paced = [...historyOf([buildSeries('AAA', 11)], 86_400).steps()];
    expect(paced.at(-1)?.dueAfterMs).toBe(10_000);
    expect([...historyOf([buildSeries('AAA', 11)]).steps()].every(({ dueAfterMs }) => dueAfterMs === 0)).toBe(true);
  });

  it('changes its key with the series or generators, so a watermark is not applied to another feed', () => {
    const keys = [
      historyOf(series).key,
      historyOf([series[0] as BarSeries]).key,
      createHistoryFeed({ series, speed: 'max', generators: ['rsi'], monotonicMs: () => 0 }).key,
    ];
    expect(new Set(keys).size).toBe(3);
    expect(historyOf(series, 5).key).toBe(historyOf(series).key);
  });
});

describe('createMockFeed', () => {
  const options: MockFeedOptions = {
    seed: 3,
    tickers: ['MOCK-01', 'MOCK-02', 'MOCK-03'],
    ratePerSecond: 200,
    count: 1_000,
    startMs: Date.UTC(2024, 0, 1),
    timeframe: '1m',
    timeframeMs: 60_000,
  };
  const signalsOf = (overrides: Partial<MockFeedOptions> = {}) =>
    [...createMockFeed({ ...options, ...overrides }).steps()].flatMap(({ signals }) => signals);

  it('depends only on the seed', () => {
    expect(signalsOf()).toEqual(signalsOf());
    expect(signalsOf({ seed: 4 })[0]?.signalId).not.toBe(signalsOf()[0]?.signalId);
  });

  it('has a different key per topic, so a watermark of one topic does not skip signals on another', () => {
    const feed = createMockFeed(options);
    const [a, b] = [feedOfTopic(feed, 'a'), feedOfTopic(feed, 'b')];
    expect(a.key).not.toBe(b.key);
    expect([...a.steps()]).toEqual([...feed.steps()]);
  });

  it('never repeats an id', () => {
    expect(new Set(signalsOf().map(({ signalId }) => signalId)).size).toBe(1_000);
  });

  it('spaces its steps by its rate', () => {
    const due = [...createMockFeed(options).steps()].map(({ dueAfterMs }) => dueAfterMs);
    expect(due.slice(0, 3)).toEqual([0, 5, 10]);
    expect(due.at(-1)).toBe(4_995);
  });
});
