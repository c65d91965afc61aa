import { readFile } from 'node:fs/promises';

import { type BarSeries, parseOhlcvCsv } from '@tripline/market';

import type { HistoryFile } from './history-files';

/** Reads every file; an unreadable one stops the start, with its path in the message. */
export async function loadHistory(files: readonly HistoryFile[]): Promise<BarSeries[]> {
  const series = await Promise.all(
    files.map(async ({ path, ticker }) => {
      try {
        return parseOhlcvCsv(await readFile(path, 'utf8'), { ticker });
      } catch (cause) {
        throw new Error(`cannot read bars from ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      }
    }),
  );
  return series.flat();
}
