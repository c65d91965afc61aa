import type { DecimalString, Fill, Order, OrderIntent } from '@tripline/trading';

/** What a broker says of an order. */
export type BrokerAnswer =
  /** Taken, not filled yet. */
  | { readonly status: 'accepted' }
  | { readonly status: 'rejected'; readonly reason: string }
  /** Filled whole. */
  | {
      readonly status: 'filled';
      readonly price: DecimalString;
      readonly fee: DecimalString;
      readonly filledAt: number;
    };

/** Goes along with an order, for the broker's own records. */
export interface OrderContext {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly venue: string;
  /** W3C trace id of the run; null without a trace. */
  readonly traceId: string | null;
  /** Epoch ms by Postgres' clock. The broker refuses the order when it comes later: somebody may have asked for it in vain by then. */
  readonly validUntil: number;
}

/** A broker outside of this process. `clientOrderId` is the key by which it must be asked before anything is sent again. */
export interface Broker {
  /** How long a submission is valid, ms; no answer is waited for longer. */
  readonly answersWithinMs: number;
  /**
   * @throws BrokerUnavailableError when there is no answer: the order may be there or not
   * @throws BrokerCredentialsError, BrokerRateLimitedError the broker did not look at the order and has not taken it
   */
  submit(intent: OrderIntent, context: OrderContext): Promise<BrokerAnswer>;
  /** Null: the broker does not know the order. Throws as `submit` does; whether the broker has the order is unknown then. */
  find(clientOrderId: string): Promise<BrokerAnswer | null>;
}

/** The broker gave no answer, or none that can be understood; whether it has the order is unknown. */
export class BrokerUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokerUnavailableError';
  }
}

/** The broker refused our credentials (401 or 403). Trying again does not help until an operator has changed them. */
export class BrokerCredentialsError extends Error {
  readonly code = 'broker_credentials_refused';

  constructor(status: number) {
    super(`the broker refused our credentials (status ${status})`);
    this.name = 'BrokerCredentialsError';
  }
}

/** The broker asks for a pause (429). Nothing is sent to it before the pause is over. */
export class BrokerRateLimitedError extends Error {
  readonly code = 'broker_rate_limited';
  /** Milliseconds until the next request may be sent. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`the broker accepts the next request in ${retryAfterMs} ms`);
    this.name = 'BrokerRateLimitedError';
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * So far apart, ms, may the clocks of Postgres and of a broker be. Once a submission's validity and this are over, the broker
 * refuses it, so that an order it does not know by then will never be there.
 */
export const CLOCK_TOLERANCE_MS = 1_000;

/** Where an order of a venue goes: filled by us at the next bar, or sent away; undefined where nobody takes it. */
export type Venue = { readonly kind: 'internal' } | { readonly kind: 'external'; readonly broker: Broker };
export type VenueOf = (venue: string) => Venue | undefined;

/** An order with its fill, as it is to be booked. */
export interface BrokerResult {
  readonly order: Order;
  readonly fill: Fill | null;
  /** Why it was rejected. */
  readonly reason: string | null;
}
