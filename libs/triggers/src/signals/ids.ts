import { uuidNamespace, uuidV5 } from './uuid-v5';

/** Namespaces of our version-5 UUIDs. Never change one: that would change every id derived from it. */
const SIGNAL_NAMESPACE = uuidNamespace('4c1a5d1e-6f0b-5a7e-9d43-0e2f7b8c6a10');
const EXECUTION_NAMESPACE = uuidNamespace('9b7e2c54-3d18-5f6a-8c21-7a90d4e1f3b5');

/**
 * Separate from `SIGNAL_NAMESPACE`, so that a user cannot publish the id of a generated signal. The API has always used
 * this value for idempotency keys.
 */
const PUBLISHED_NAMESPACE = uuidNamespace('7e0c2b91-4f3a-5d68-b1c7-90a6d5e8f214');

/** The identity of a generated signal. */
export interface SignalIdentity {
  readonly generator: string;
  readonly version: number;
  readonly ticker: string;
  /** Label, e.g. `1d`. */
  readonly timeframe: string;
  /** End of the bar on which the signal was detected, epoch ms. */
  readonly barEnd: number;
  readonly signalType: string;
}

/** Deterministic signal id (UUIDv5): the same generator always gives the same bar the same id. */
export function signalIdOf(identity: SignalIdentity): string {
  const { generator, version, ticker, timeframe, barEnd, signalType } = identity;
  return uuidV5(`${generator}|${version}|${ticker}|${timeframe}|${barEnd}|${signalType}`, SIGNAL_NAMESPACE);
}

/** The identity of a signal that a user publishes. */
export interface PublicationName {
  /** Id of the user; it contains no `|`. */
  readonly publisher: string;
  /** The publisher's own name for the signal: an idempotency key, or an id they chose. */
  readonly name: string;
  /** A shared signal and a private one with the same name are two signals. */
  readonly isShared: boolean;
}

/**
 * Deterministic id (UUIDv5) of a signal that a user publishes: equal for equal names, and different from the ids of all
 * other publishers and all generators.
 */
export function publishedSignalIdOf({ publisher, name, isShared }: PublicationName): string {
  return uuidV5(isShared ? `${publisher}|shared ${name}` : `${publisher}|${name}`, PUBLISHED_NAMESPACE);
}

/**
 * Deterministic execution id (UUIDv5): one trigger starts at most one execution of a pipeline, however often it is
 * delivered.
 */
export function executionIdOf(pipelineId: string, triggerId: string): string {
  return uuidV5(`${pipelineId}|${triggerId}`, EXECUTION_NAMESPACE);
}

/**
 * Deterministic id (UUIDv5) of one scheduled execution: two schedulers that see the same due time create the same
 * trigger.
 */
export function scheduledTriggerIdOf(pipelineId: string, dueAtMs: number): string {
  return uuidV5(`schedule|${pipelineId}|${dueAtMs}`, SIGNAL_NAMESPACE);
}

/**
 * Deterministic id (UUIDv5) of the trigger of an absence: two dispatchers that see the same deadline create the same
 * trigger.
 */
export function absenceTriggerIdOf(pipelineId: string, ticker: string, anchorSignalId: string): string {
  return uuidV5(`absence|${pipelineId}|${ticker}|${anchorSignalId}`, SIGNAL_NAMESPACE);
}
