import { dirname, join } from 'node:path';

import { TICKER_PATTERN, TICKER_RULE } from '../bars/ticker';

/** A CSV of bars; `ticker` names the series of a file without a symbol column. */
export interface HistoryFile {
  readonly path: string;
  readonly ticker: string | undefined;
}

/** Real history bundled in npm packages: S&P 500 daily bars of 2000–2020, monthly closes of five stocks. */
export function defaultHistoryFiles(): HistoryFile[] {
  // The package exports only its module; its data folder is next to it.
  const dataDir = join(dirname(require.resolve('vega-datasets')), '..', 'data');
  return [
    { path: join(dataDir, 'sp500-2000.csv'), ticker: '^SPX' },
    { path: join(dataDir, 'stocks.csv'), ticker: undefined },
  ];
}

/**
 * Reads `TICKER=path` or `path`. Tickers and paths may both contain `=` (`CL=F=/data/cl.csv`): the longest prefix that
 * is a valid ticker is used.
 * @throws RangeError naming the rule when the text before the path is not a ticker
 */
export function parseHistoryFile(entry: string): HistoryFile {
  for (let at = entry.lastIndexOf('='); at > 0; at = entry.lastIndexOf('=', at - 1)) {
    const ticker = entry.slice(0, at).trim();
    if (TICKER_PATTERN.test(ticker)) return { path: entry.slice(at + 1).trim(), ticker };
  }
  const before = entry.slice(0, Math.max(0, entry.indexOf('='))).trim();
  // A folder such as `date=2020` belongs to the path.
  if (before === '' || /[/\\]/.test(before.slice(0, 2))) return { path: entry, ticker: undefined };
  throw new RangeError(`"${before.slice(0, 40)}" is not a ticker: ${TICKER_RULE}`);
}
