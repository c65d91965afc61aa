/** Whether what a pipeline watches ends in `*`: every ticker that begins with the rest (`*` alone: every ticker). */
export function isTickerPattern(watched: string): boolean {
  return watched.endsWith('*');
}

/** Whether one of the watched tickers and patterns (`BTC-USD`, `BTC-*`, `*`) covers a signal's ticker. */
export function watchesTicker(watched: readonly string[], ticker: string): boolean {
  return watched.some((wanted) =>
    isTickerPattern(wanted) ? ticker.startsWith(wanted.slice(0, -1)) : wanted === ticker,
  );
}

/** Whether some ticker can be covered by two of these, so that one entry of a signal reaches the pipeline twice. */
export function overlapEachOther(watched: readonly string[]): boolean {
  if (!watched.some(isTickerPattern)) return false;
  return watched.some((pattern, place) => {
    if (!isTickerPattern(pattern)) return false;
    const prefix = pattern.slice(0, -1);
    return watched.some((other, otherPlace) => otherPlace !== place && other.startsWith(prefix));
  });
}
