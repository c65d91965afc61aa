/** Type of a bench signal: `type_0`, `type_1`, … */
export function signalTypeOf(index: number): string {
  return `type_${index}`;
}

/** Ticker of a bench signal, e.g. `T-17`. */
export function tickerOf(index: number): string {
  return `T-${index}`;
}

/** The id of the n-th bench signal: a readable UUID in version 5 format. */
export function benchSignalId(index: number, run = 0): string {
  return `0000${hex(run, 4)}-0000-5000-8000-${hex(index, 12)}`;
}

/** The n of an id from `benchSignalId`. */
export function indexOfSignal(signalId: string): number {
  return Number.parseInt(signalId.slice(-12), 16);
}

export interface BenchSignal {
  readonly id: string;
  readonly signalType: string;
  readonly ticker: string;
  /** 0..100. */
  readonly confidence: number;
  readonly timestamp: string;
}

/** The record's value as our generator writes it, about 330 bytes; built by hand because a million are needed. */
export function encodeSignal({ id, signalType, ticker, confidence, timestamp }: BenchSignal): string {
  return (
    `{"signal_id":"${id}","signal_type":"${signalType}","source":"bench","timestamp":"${timestamp}",` +
    `"tickers":[{"ticker":"${ticker}","signal":"BULLISH","confidence":${confidence},"reasoning":"made up for a bench"}],` +
    `"metadata":{"seed":7,"timeframe":"1d"},"schema_version":1}`
  );
}

/** A sampled traceparent for the n-th signal, as the generator adds to every signal by default. */
export function traceparentOf(index: number): string {
  return `00-${hex(index + 1, 32)}-${hex(index + 1, 16)}-01`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}
