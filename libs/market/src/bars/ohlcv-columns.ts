import { BarParseError } from './bar-parse-error';

/** Where each field stands in a row, by the header; null where the file has no such column. */
export interface OhlcvColumns {
  readonly names: readonly string[];
  readonly time: number;
  /** Time of day in a column of its own, beside the date. */
  readonly timeOfDay: number | null;
  readonly epochUnit: 's' | 'ms' | undefined;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number;
  readonly adjustedClose: number | null;
  readonly volume: number | null;
  readonly ticker: number | null;
}

/** Accepted names, lower case with everything but letters and digits removed; '' is pandas' unnamed index column. */
const ALIASES = {
  date: ['date', 'datetime', 'day', ''],
  time: ['timestamp', 'time', 'localtime', 'opentime', 'barstart', 'start'],
  epochMs: ['timestampms', 'timems', 'opentimems', 'startms', 'epochms'],
  epochSeconds: ['timestamps', 'timestampseconds', 'epoch', 'epochs', 'epochseconds', 'unix', 'unixtime'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close', 'price', 'last'],
  adjustedClose: ['adjclose', 'adjustedclose', 'closeadj'],
  volume: ['volume', 'vol'],
  ticker: ['symbol', 'ticker'],
} as const;

/**
 * Finds the columns of a header row. Needs a time column and a close (or price) column; other names are ignored.
 * @throws BarParseError when one of them is missing or two columns mean the same
 */
export function findColumns(header: readonly string[], line: number): OhlcvColumns {
  const keys = header.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const find = (field: keyof typeof ALIASES): number | null => {
    const hits = keys.flatMap((key, index) => ((ALIASES[field] as readonly string[]).includes(key) ? [index] : []));
    if (hits.length > 1) {
      const twins = hits.map((index) => `"${header[index]}"`).join(' and ');
      throw new BarParseError(`columns ${twins} mean the same`, line, header[hits[1] as number]);
    }
    return hits[0] ?? null;
  };
  const date = find('date');
  const clock = find('time');
  const epochMs = find('epochMs');
  const time = date ?? clock ?? epochMs ?? find('epochSeconds');
  if (time === null) throw missing(header, line, 'time', 'date, timestamp, time, datetime, open_time_ms, epoch');
  const adjustedClose = find('adjustedClose');
  const close = find('close') ?? adjustedClose;
  if (close === null) throw missing(header, line, 'price', 'close, price, adj close');
  return {
    names: header,
    time,
    timeOfDay: date !== null && clock !== null ? clock : null,
    epochUnit: time === epochMs ? 'ms' : time === date || time === clock ? undefined : 's',
    open: find('open'),
    high: find('high'),
    low: find('low'),
    close,
    adjustedClose,
    volume: find('volume'),
    ticker: find('ticker'),
  };
}

function missing(header: readonly string[], line: number, what: string, accepted: string): BarParseError {
  const found = header.map((name) => `"${name}"`).join(', ');
  return new BarParseError(`the header has no ${what} column (${accepted}); it has ${found.slice(0, 200)}`, line);
}
