import { HISTORY_SOURCE, SIGNAL_SCHEMA_VERSION } from '@tripline/contracts';
import {
  type Bar,
  type BarSeries,
  createGenerators,
  dataQualityOf,
  type GeneratorName,
  type SignalGenerator,
} from '@tripline/market';
import { type Signal, signalIdOf } from '@tripline/triggers';

import type { FeedStep, SignalFeed } from './feed';

export interface HistoryFeedOptions {
  readonly series: readonly BarSeries[];
  /** Default: every generator. */
  readonly generators?: readonly GeneratorName[] | undefined;
  /** How many times faster than real time event time advances; `max` never waits. */
  readonly speed: number | 'max';
  /** Called with the time one generator took for one bar, seconds. */
  readonly onGenerated?: (generator: string, seconds: number) => void;
  readonly monotonicMs: () => number;
}

/**
 * Replays several series as one stream, ordered by bar end and then by ticker, and runs the generators on every closed bar. The
 * signals depend only on the series: every replay gives the same ids in the same order.
 */
export function createHistoryFeed(options: HistoryFeedOptions): SignalFeed {
  const series = [...options.series].sort((a, b) => (a.ticker < b.ticker ? -1 : 1));
  const described = series.map(({ ticker, timeframe, bars }) => `${ticker}/${timeframe}/${bars.length}`).join(',');
  return {
    key: `${HISTORY_SOURCE}:${described}:${options.generators?.join('+') ?? 'all'}`,
    *steps(): Generator<FeedStep> {
      const generators = series.map(() => createGenerators({ names: options.generators }));
      const qualities = series.map(dataQualityOf);
      let firstEnd: number | null = null;
      for (const { index, bar } of inOrderOfTime(series)) {
        const { ticker, timeframe } = series[index] as BarSeries;
        const quality = qualities[index] ?? 0;
        firstEnd ??= bar.end;
        const signals = (generators[index] ?? []).flatMap((generator) => {
          const startedAt = options.monotonicMs();
          const signal = onBar(generator, { ticker, timeframe, quality }, bar);
          options.onGenerated?.(generator.name, (options.monotonicMs() - startedAt) / 1000);
          return signal === null ? [] : [signal];
        });
        const dueAfterMs = options.speed === 'max' ? 0 : (bar.end - firstEnd) / options.speed;
        yield { signals, eventTime: bar.end, dueAfterMs };
      }
    },
  };
}

/** Merges the series by bar end; for equal ends the first series comes first. */
function* inOrderOfTime(series: readonly BarSeries[]): Generator<{ index: number; bar: Bar }> {
  const positions = series.map(() => 0);
  for (;;) {
    let next: { index: number; bar: Bar } | null = null;
    for (const [index, { bars }] of series.entries()) {
      const bar = bars[positions[index] ?? 0];
      if (bar !== undefined && (next === null || bar.end < next.bar.end)) next = { index, bar };
    }
    if (next === null) return;
    positions[next.index] = (positions[next.index] ?? 0) + 1;
    yield next;
  }
}

interface SeriesFacts {
  readonly ticker: string;
  readonly timeframe: string;
  /** 0..1. */
  readonly quality: number;
}

function onBar(generator: SignalGenerator, { ticker, timeframe, quality }: SeriesFacts, bar: Bar): Signal | null {
  const generated = generator.onBar(bar);
  if (generated === null) return null;
  const { signalType, direction, confidence, reasoning, metadata } = generated;
  return {
    signalId: signalIdOf({
      generator: generator.name,
      version: generator.version,
      ticker,
      timeframe,
      barEnd: bar.end,
      signalType,
    }),
    signalType,
    source: HISTORY_SOURCE,
    occurredAt: bar.end,
    tickers: [{ ticker, signal: direction, confidence, reasoning }],
    metadata: { ...metadata, timeframe, data_quality_score: quality },
    schemaVersion: SIGNAL_SCHEMA_VERSION,
  };
}
