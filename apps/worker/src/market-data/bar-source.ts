import { BarHistory, type BarReader, type BarSeries, createMockBars } from '@tripline/market';

/** Where agents and the paper broker get their bars. */
export interface BarSource {
  /** Null when nothing is known of the ticker. */
  readerFor(ticker: string): BarReader | null;
}

export interface MockMarket {
  readonly seed: number;
  /** Start of bar 0, epoch ms; the same as the mock feed's. */
  readonly startMs: number;
  readonly timeframeMs: number;
}

/** Tickers of the made-up market begin with this. */
export const MOCK_TICKER_PREFIX = 'MOCK-';

/** At most this many made-up series are remembered; they cost nothing to make again. */
const MAX_MOCK_SERIES = 10_000;

/** Stored series by ticker, and a made-up series for every ticker that begins with `MOCK-`. */
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
