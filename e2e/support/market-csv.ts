import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CSV = join(dirname(require.resolve('vega-datasets')), '..', 'data', 'sp500-2000.csv');

/** Date and open of each day of the bundled S&P 500 history. Parsed by splitting lines, without any code under test. */
export function readOpens(): { readonly date: string; readonly open: number }[] {
  const [, ...lines] = readFileSync(CSV, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [date = '', open = ''] = line.split(',');
    return { date, open: Number(open) };
  });
}
