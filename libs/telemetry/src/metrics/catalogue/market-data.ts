import { counter } from '../definition';
import { HISTORY_ROW_RESULT } from '../label-values';

/** Market data in. */
export const HISTORY_METRICS = {
  history_rows_total: counter(
    ['signal-generator', 'worker'],
    'Rows of the history files: loaded, or dropped with the reason.',
    { result: HISTORY_ROW_RESULT },
  ),
} as const;
