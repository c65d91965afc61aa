import { BarHistory, type BarReader, type BarSeries, createMockBars } from '@tripline/market';

/** Bars for the agents and the paper broker. */
export interface BarSource {
  /** Null when the ticker is unknown. */
  readerFor(ticker: string): BarReader | null;
}

export interface MockMarket {
  readonly seed: number;
  /** Start of bar 0, epoch ms; the same as the mock feed's. */
  readonly startMs: number;
  readonly timeframeMs: number;
}

/** Prefix of the tickers of the mock market. */
export const MOCK_TICKER_PREFIX = 'MOCK-';

/** Most mock series kept in memory; a series is cheap to generate again. */
const MAX_MOCK_SERIES = 10_000;

/** Stored series by ticker, and a mock series for every ticker that begins with `MOCK-`. */
export function createBarSource(series: readonly BarSeries[], mock: MockMarket): BarSource {
  const stored = new Map<string, BarReader>(series.map(({ ticker, bars }) => [ticker, new BarHistory(bars)]));
  const madeUp = new Map<string, BarReader>();
  return {
    readerFor(ticker) {
      const known = stored.get(ticker) ?? madeUp.get(ticker);
      if (known !== undefined) return known;
      if (!ticker.startsWith(MOCK_TICKER_PREFIX)) return null;
      if (madeUp.size >= MAX_MOCK_SERIES) madeUp.clear();
      const bars = createMockBars({ ...mock, ticker });
      madeUp.set(ticker, bars);
      return bars;
    },
  };
}
