/** One OHLCV bar. Prices and volume are binary64: input for indicators, never money. */
export interface Bar {
  /** Start of the interval, epoch ms UTC; the bar covers [start, end). */
  readonly start: number;
  readonly end: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In base units; 0 when the source has none. */
  readonly volume: number;
}
