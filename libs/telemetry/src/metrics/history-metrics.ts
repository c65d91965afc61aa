import { HISTORY_ROW_RESULT } from './label-values';
import type { Metrics } from './metrics';

type RowResult = (typeof HISTORY_ROW_RESULT)[number];

/** The part of a series of bars that is counted. */
export interface CountedSeries {
  readonly bars: readonly unknown[];
  readonly rejected: readonly { readonly kind: Exclude<RowResult, 'loaded'> }[];
}

/** Counts the rows of the history a service has loaded; reasons that did not occur show as 0. */
export function recordHistoryRows(metrics: Metrics, history: readonly CountedSeries[]): void {
  const rows = metrics.counter('history_rows_total');
  for (const result of HISTORY_ROW_RESULT) metrics.init('history_rows_total', { result });
  for (const { bars, rejected } of history) {
    rows.inc({ result: 'loaded' }, bars.length);
    for (const { kind } of rejected) rows.inc({ result: kind });
  }
}
