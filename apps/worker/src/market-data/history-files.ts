import { dirname, join } from 'node:path';

/** A CSV of bars; `ticker` names the series of a file without a symbol column. */
export interface HistoryFile {
  readonly path: string;
  readonly ticker: string | undefined;
}

/** Real history that comes with the packages: S&P 500 daily bars of 2000–2020, monthly closes of five stocks. */
export function defaultHistoryFiles(): HistoryFile[] {
  // The package exports its module only; its data stand beside that.
  const dataDir = join(dirname(require.resolve('vega-datasets')), '..', 'data');
  return [
    { path: join(dataDir, 'sp500-2000.csv'), ticker: '^SPX' },
    { path: join(dataDir, 'stocks.csv'), ticker: undefined },
  ];
}

/** Reads `TICKER=path` or `path`. */
export function parseHistoryFile(entry: string): HistoryFile {
  const at = entry.indexOf('=');
  return at === -1
    ? { path: entry, ticker: undefined }
    : { path: entry.slice(at + 1).trim(), ticker: entry.slice(0, at).trim() };
}
