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
}

export function signalOf(row: SignalColumns): Signal {
  return {
    signalId: row.id,
    signalType: row.signal_type,
    source: row.source,
    occurredAt: row.occurred_at.getTime(),
    tickers: row.tickers,
    metadata: row.metadata,
    schemaVersion: row.schema_version,
  };
}
