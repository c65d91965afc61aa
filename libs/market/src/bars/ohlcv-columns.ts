import { BarParseError } from './bar-parse-error';

/** Index of each field in a row, from the header; null where the file has no such column. */
export interface OhlcvColumns {
  readonly names: readonly string[];
  readonly time: number;
  /** A second time column beside a date: usually the time of day. */
  readonly clock: number | null;
  /** The time column is named epoch or unix. */
  readonly isNamedEpoch: boolean;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number;
  readonly adjustedClose: number | null;
  /** Columns that may hold the volume in base units, most likely first. */
  readonly volumes: readonly number[];
  readonly ticker: number | null;
}

/** Accepted names, lower case with everything but letters and digits removed; '' is pandas' unnamed index column. */
const ALIASES = {
  date: ['date', 'datetime', 'day', 'dtyyyymmdd', 'yyyymmdd', ''],
  time: ['timestamp', 'time', 'localtime', 'opentime', 'barstart', 'start'],
  epochMs: ['timestampms', 'timems', 'opentimems', 'startms', 'epochms'],
  epoch: ['timestamps', 'timestampseconds', 'epoch', 'epochs', 'epochseconds', 'unix', 'unixtime'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close', 'price', 'last'],
  adjustedClose: ['adjclose', 'adjustedclose', 'closeadj'],
  ticker: ['symbol', 'ticker'],
} as const;

/** Names of a volume in base units, most likely first. MetaTrader counts price changes where it has no volume. */
const VOLUMES = [
  ['volume', 'vol'],
  ['realvolume', 'basevolume', 'volumebase', 'volumefrom'],
  ['tickvol', 'tickvolume'],
] as const;

/** `Volume BTC`, `Volume (USDT)`: the volume in the named currency. */
const VOLUME_IN = /^vol(?:ume)?([a-z0-9]+)$/;

/** Quote currencies of pairs, as they appear in column names. */
const QUOTE_NAMES =
  /^(usd[a-z]?|busd|tusd|fdusd|eur|gbp|jpy|chf|cad|aud|krw|try|brl|inr|dai|quote|to|currency|incurrency)$/;

/**
 * Finds the columns of a header row. Requires a time column and a close (or price) column; other names are ignored.
 * @throws BarParseError when one of them is missing or two columns have the same meaning
 */
export function findColumns(header: readonly string[], line: number): OhlcvColumns {
  const keys = header.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const find = (names: readonly string[]): number | null => {
    const hits = keys.flatMap((key, index) => (names.includes(key) ? [index] : []));
    if (hits.length > 1) {
      const twins = hits.map((index) => `"${header[index]}"`).join(' and ');
      throw new BarParseError(`columns ${twins} have the same meaning`, line, header[hits[1] as number]);
    }
    return hits[0] ?? null;
  };
  const date = find(ALIASES.date);
  const clock = find(ALIASES.time);
  const epoch = find(ALIASES.epoch);
  const time = date ?? clock ?? find(ALIASES.epochMs) ?? epoch;
  if (time === null) throw missing(header, line, 'time', 'date, timestamp, time, datetime, open_time_ms, epoch');
  const adjustedClose = find(ALIASES.adjustedClose);
  const close = find(ALIASES.close) ?? adjustedClose;
  if (close === null) throw missing(header, line, 'price', 'close, price, adj close');
  return {
    names: header,
    time,
    clock: date !== null && clock !== null ? clock : null,
    isNamedEpoch: time === epoch,
    open: find(ALIASES.open),
    high: find(ALIASES.high),
    low: find(ALIASES.low),
    close,
    adjustedClose,
    volumes: [...VOLUMES.flatMap((names) => find(names) ?? []), ...pairVolumes(keys)],
    ticker: find(ALIASES.ticker),
  };
}

/** Columns named by a currency, base currency first. For a pair without a known quote, the first column. */
function pairVolumes(keys: readonly string[]): number[] {
  const known: readonly string[] = VOLUMES.flat();
  const found = keys.flatMap((key, index) => {
    const currency = VOLUME_IN.exec(key)?.[1];
    return currency === undefined || known.includes(key) ? [] : [{ index, isQuote: QUOTE_NAMES.test(currency) }];
  });
  const isBase = found.filter(({ isQuote }) => !isQuote);
  return (isBase.length > 0 ? isBase : found).map(({ index }) => index);
}

function missing(header: readonly string[], line: number, what: string, accepted: string): BarParseError {
  const found = header.map((name) => `"${name}"`).join(', ');
  return new BarParseError(`the header has no ${what} column (${accepted}); it has ${found.slice(0, 200)}`, line);
}
