/** One OHLCV bar. Prices and volume are binary64: indicator input, never ledger money. */
export interface Bar {
  /** Start of the interval, epoch ms UTC; the bar covers [start, end). */
  readonly start: number;
  readonly end: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In base units; 0 when the source gives none. */
  readonly volume: number;
}
