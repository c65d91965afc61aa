import type { Signal } from '@tripline/triggers';

/** The columns of `signals` that make a signal. */
export interface SignalColumns {
  readonly id: string;
  readonly signal_type: string;
  readonly source: string;
  readonly occurred_at: Date;
  readonly tickers: Signal['tickers'];
  readonly metadata: Signal['metadata'];
  readonly schema_version: number;
  readonly publisher_id: string | null;
  readonly owner_id: string | null;
}

/** The names of these columns, for `signals s`. */
export const SIGNAL_COLUMNS =
  's.id, s.signal_type, s.source, s.occurred_at, s.tickers, s.metadata, s.schema_version, s.publisher_id, s.owner_id';

export function signalOf(row: SignalColumns): Signal {
  return {
    signalId: row.id,
    signalType: row.signal_type,
    source: row.source,
    occurredAt: row.occurred_at.getTime(),
    tickers: row.tickers,
    metadata: row.metadata,
    schemaVersion: row.schema_version,
    ...(row.publisher_id === null ? {} : { publisher: row.publisher_id }),
    ...(row.owner_id === null ? {} : { owner: row.owner_id }),
  };
}
