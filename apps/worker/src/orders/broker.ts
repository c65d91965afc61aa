import type { DecimalString, Fill, Order, OrderIntent } from '@tripline/trading';

/** A broker's answer about an order. */
export type BrokerAnswer =
  /** Accepted, not filled yet. */
  | { readonly status: 'accepted' }
  | { readonly status: 'rejected'; readonly reason: string }
  /** Filled completely. */
  | {
      readonly status: 'filled';
      readonly price: DecimalString;
      readonly fee: DecimalString;
      readonly filledAt: number;
    };

/** Sent along with an order, for the broker's own records. */
export interface OrderContext {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly venue: string;
  /** W3C trace id of the execution; null without a trace. */
  readonly traceId: string | null;
  /** Epoch ms by Postgres' clock. Later the broker rejects the order, because it may already have reported it as unknown. */
  readonly validUntil: number;
}

/** An external broker. `clientOrderId` is the key for looking up an order before anything is sent again. */
export interface Broker {
  /** How long a submission is valid, ms; also the longest wait for an answer. */
  readonly answersWithinMs: number;
  /**
   * @throws BrokerUnavailableError when there is no answer: the broker may or may not have the order
   * @throws BrokerCredentialsError, BrokerRateLimitedError when the broker did not process the request: it does not have the order
   */
  submit(intent: OrderIntent, context: OrderContext): Promise<BrokerAnswer>;
  /** Null: the broker does not know the order. Throws as `submit` does; then it is unknown whether the broker has the order. */
  find(clientOrderId: string): Promise<BrokerAnswer | null>;
}

/** The broker gave no answer, or an invalid one; whether it has the order is unknown. */
export class BrokerUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokerUnavailableError';
  }
}

/** The broker rejected our credentials (401 or 403). Retrying does not help until an operator changes them. */
export class BrokerCredentialsError extends Error {
  readonly code = 'broker_credentials_refused';

  constructor(status: number) {
    super(`the broker rejected our credentials (status ${status})`);
    this.name = 'BrokerCredentialsError';
  }
}

/** The broker asks for a pause (429). Nothing is sent to it until the pause is over. */
export class BrokerRateLimitedError extends Error {
  readonly code = 'broker_rate_limited';
  /** Milliseconds until the next request may be sent. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`the broker is rate limiting; next request in ${retryAfterMs} ms`);
    this.name = 'BrokerRateLimitedError';
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Largest allowed difference between the clocks of Postgres and a broker, ms. Once a submission's validity plus this time is
 * over, the broker rejects it, so an order that the broker does not know by then will never arrive.
 */
export const CLOCK_TOLERANCE_MS = 1_000;

/** Where orders of a venue go: filled internally at the next bar, or sent to a broker. Undefined for an unknown venue. */
export type Venue = { readonly kind: 'internal' } | { readonly kind: 'external'; readonly broker: Broker };
export type VenueOf = (venue: string) => Venue | undefined;

/** An order with its fill, ready to be stored. */
export interface BrokerResult {
  readonly order: Order;
  readonly fill: Fill | null;
  /** Why it was rejected. */
  readonly reason: string | null;
}
