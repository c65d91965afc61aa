import { readFile } from 'node:fs/promises';

import { readOhlcvRows } from '../bars/read-ohlcv-rows';
import { historyFacts, type HistoryFacts } from './describe-history';
import { HistoryFileError, toHistoryFileError } from './history-file-error';
import type { HistoryFile } from './history-files';
import { type HistoryRows, type HistorySeries, mergeHistory } from './history-series';

export interface LoadHistoryOptions {
  /** In order of precedence where files of one ticker overlap. */
  readonly files: readonly HistoryFile[];
  /** Current time, epoch ms: no bar may start more than a day later. */
  readonly now: number;
  /** Called once per ticker, e.g. to log it. */
  readonly onLoaded?: (facts: HistoryFacts) => void;
}

/**
 * Reads the history files and merges them into one series per ticker.
 * @throws HistoryFileError with file, line, column and rule when a file cannot be used
 */
export async function loadHistory({ files, now, onLoaded }: LoadHistoryOptions): Promise<HistorySeries[]> {
  const read: HistoryRows[] = [];
  // Read sequentially, so that the first faulty file in the list is the one named.
  for (const file of files) read.push(await readHistoryFile(file));
  try {
    const history = mergeHistory(read, now);
    for (const series of history) onLoaded?.(historyFacts(series));
    return history;
  } catch (error) {
    throw toHistoryFileError(files[0]?.path ?? '', error);
  }
}

async function readHistoryFile({ path, ticker }: HistoryFile): Promise<HistoryRows> {
  let rows: HistoryRows;
  try {
    rows = { file: path, ...readOhlcvRows(await readFile(path, 'utf8'), { ticker }) };
  } catch (error) {
    throw toHistoryFileError(path, error);
  }
  if (rows.rowsByTicker.size > 0) return rows;
  throw new HistoryFileError({ file: path, line: 1, rule: 'the file has a header but no rows' });
}
