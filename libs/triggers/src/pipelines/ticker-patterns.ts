/** Whether a watched name ends in `*`, which covers every ticker starting with the rest (`*` alone: every ticker). */
export function isTickerPattern(watched: string): boolean {
  return watched.endsWith('*');
}

/** Whether one of the watched tickers and patterns (`BTC-USD`, `BTC-*`, `*`) covers a signal's ticker. */
export function watchesTicker(watched: readonly string[], ticker: string): boolean {
  return watched.some((wanted) =>
    isTickerPattern(wanted) ? ticker.startsWith(wanted.slice(0, -1)) : wanted === ticker,
  );
}
