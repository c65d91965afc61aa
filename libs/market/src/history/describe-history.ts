import { countRejected, type RejectionKind } from '../bars/bar-series';
import type { HistorySeries } from './history-series';

const KIND_NAMES: Record<RejectionKind, string> = {
  exact_repeat: 'exact repeats',
  conflicting_repeat: 'repeats with other values (the first row counts)',
  contradictory_ohlc: 'with contradictory prices',
  price_not_positive: 'with a price not above 0',
  negative_volume: 'with a negative volume',
  not_finite: 'with a value that is not finite',
};

/** The fields of a series in the start-up log, as flat keys. */
export interface HistoryFacts {
  readonly ticker: string;
  readonly timeframe: string;
  readonly bars: number;
  readonly files: readonly string[];
  readonly dropped_rows: number;
  readonly dropped_by_reason: Readonly<Partial<Record<RejectionKind, number>>>;
  /** The fields as one readable line. */
  readonly summary: string;
}

export function historyFacts(series: HistorySeries): HistoryFacts {
  return {
    ticker: series.ticker,
    timeframe: series.timeframe,
    bars: series.bars.length,
    files: series.sources.map(({ file }) => file),
    dropped_rows: series.rejected.length,
    dropped_by_reason: countRejected(series.rejected),
    summary: describeHistory(series),
  };
}

/** One readable line: how a series was read, which rows were dropped and why, gaps between files. */
export function describeHistory(series: HistorySeries): string {
  const { ticker, timeframe, bars, rejected, sources, gaps } = series;
  const range = bars.length === 0 ? '' : `, ${dayOf(bars[0]?.start)} to ${dayOf(bars.at(-1)?.start)}`;
  const counts = Object.entries(countRejected(rejected)) as [RejectionKind, number][];
  const dropped = counts.map(([kind, count]) => `${count} ${KIND_NAMES[kind]}`).join(', ');
  return [
    `${ticker} ${timeframe}: ${bars.length} bars${range}`,
    ...new Set(sources.map(describeSource)),
    ...(sources.length > 1 ? [`merged from ${sources.length} files`] : []),
    ...(rejected.length === 0 ? [] : [`dropped ${rejected.length} rows: ${dropped}`]),
    ...gaps.map(({ from, to }) => `no bars between the files from ${dayOf(from)} to ${dayOf(to)}`),
  ].join('; ');
}

function describeSource({ timeForm, timeColumn, stampedAt, volumeColumn }: HistorySeries['sources'][number]): string {
  const end = stampedAt === 'end' ? ' (closing times)' : '';
  const volume = volumeColumn === null ? 'no volume' : `volume from "${volumeColumn}"`;
  // pandas leaves the name of its index column empty.
  const column = timeColumn === '' ? 'the unnamed column' : `"${timeColumn}"`;
  return `${timeForm} in ${column}${end}, ${volume}`;
}

function dayOf(epochMs: number | undefined): string {
  return epochMs === undefined ? '' : new Date(epochMs).toISOString().slice(0, 10);
}
