import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CSV = join(dirname(require.resolve('vega-datasets')), '..', 'data', 'sp500-2000.csv');

/** Date and open of each day of the bundled S&P 500 history, read by splitting lines: nothing of ours is in between. */
export function readOpens(): { readonly date: string; readonly open: number }[] {
  const [, ...lines] = readFileSync(CSV, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [date = '', open = ''] = line.split(',');
    return { date, open: Number(open) };
  });
}
