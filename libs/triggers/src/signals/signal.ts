import type { SignalDirection } from '@tripline/market';

/** A signal's statement about one ticker. */
export interface TickerSignal {
  /** Canonical ticker, e.g. `^SPX`, `BTC-USD`. */
  readonly ticker: string;
  readonly signal: SignalDirection;
  /** 0..100; a rule's own scale, not a calibrated probability. */
  readonly confidence: number;
  readonly reasoning?: string | undefined;
}

/** A market signal, as published to the topic `trading-signals`. Immutable. */
export interface Signal {
  /** UUID; for our own generators the version-5 UUID of generator|version|ticker|timeframe|bar end|type. */
  readonly signalId: string;
  /** e.g. `golden_cross`; lower snake case. */
  readonly signalType: string;
  /** What produced it, e.g. `history-replay`, `mock`, `webhook:tradingview`. */
  readonly source: string;
  /** Event time, milliseconds since the Unix epoch, UTC. */
  readonly occurredAt: number;
  /** At least one, without duplicates. The first is the Kafka key. */
  readonly tickers: readonly TickerSignal[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly schemaVersion: number;
  /** Id of the user who published it through the API; absent: one of our services, or an operator's producer. */
  readonly publisher?: string | undefined;
  /** Id of the only user whose pipelines it can match; absent: the signal is shared and can match any user's. */
  readonly owner?: string | undefined;
}

/** The part of a signal that matching reads: no metadata, and reasonings may be missing. */
export type SignalHead = Omit<Signal, 'metadata'>;
