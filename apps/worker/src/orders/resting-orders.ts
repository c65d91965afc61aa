import { type FeeModel, fillMarketOrder } from '@tripline/trading';
import { DatabaseUnavailableError } from '@tripline/database';
import type { IntentStore, OrderRecord, RestingOrderStore } from '@tripline/trading-store';
import { type Component, createIntervalLoop } from '@tripline/runtime';

import type { BarSource } from '../market-data/bar-source';
import type { Broker, VenueOf } from './broker';
import { resultOfAnswer } from './broker-result';

export interface RestingOrdersOptions {
  readonly store: RestingOrderStore;
  readonly intents: Pick<IntentStore, 'acquireSubmission'>;
  readonly bars: BarSource;
  readonly venueOf: VenueOf;
  readonly feeModel: FeeModel;
  readonly intervalMs: number;
  readonly onFilled: (clientOrderId: string) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Orders checked per round; the next round continues after them, because some may never find a bar. */
const BATCH_SIZE = 200;

/**
 * Finishes resting orders: paper orders fill on the next bar, external orders when the broker reports a fill. Any number may
 * run. An order that cannot be filled is reported and does not hold up the others.
 */
export function createRestingOrders(options: RestingOrdersOptions): Component {
  const advance = createOrderAdvance(options);
  let seenUpTo: string | null = null;

  const advanceAll = async (isStopping: () => boolean): Promise<void> => {
    const orders = await options.store.loadRestingOrders(BATCH_SIZE, seenUpTo);
    seenUpTo = orders.length < BATCH_SIZE ? null : (orders.at(-1)?.clientOrderId ?? null);
    for (const order of orders) {
      if (isStopping()) return;
      await advance(order);
    }
  };

  return createIntervalLoop({
    name: 'resting-orders',
    intervalMs: options.intervalMs,
    run: advanceAll,
    onFailed: options.onFailed,
  });
}

function createOrderAdvance(options: RestingOrdersOptions): (order: OrderRecord) => Promise<void> {
  const { store, bars, feeModel } = options;

  const fillOurs = async (order: OrderRecord): Promise<void> => {
    const nextBar = bars.readerFor(order.ticker)?.nextAfter(order.occurredAt) ?? null;
    const fill = nextBar === null ? null : fillMarketOrder(order, nextBar, feeModel);
    if (fill !== null && (await store.fillRestingOrder(fill))) options.onFilled(order.clientOrderId);
  };

  const askBroker = async (order: OrderRecord, broker: Broker): Promise<void> => {
    const answer = (await broker.find(order.clientOrderId)) ?? (await send(order, broker));
    if (answer === null || answer.status === 'accepted') return;
    const { fill, reason } = resultOfAnswer(order, answer);
    if (fill === null) await store.rejectRestingOrder(order.clientOrderId, reason ?? 'rejected');
    else if (await store.fillRestingOrder(fill)) options.onFilled(order.clientOrderId);
  };

  /** Closing orders of a halt are stored before they are sent. */
  const send = async (order: OrderRecord, broker: Broker) => {
    const submittedAt = await options.intents.acquireSubmission(order);
    if (submittedAt === null) return null;
    const { executionId, pipelineId, venue } = order;
    const validUntil = submittedAt + broker.answersWithinMs;
    return broker.submit(order, { executionId, pipelineId, venue, traceId: null, validUntil });
  };

  return async (order) => {
    const venue = options.venueOf(order.venue);
    try {
      if (venue?.kind === 'internal') await fillOurs(order);
      if (venue?.kind === 'external') await askBroker(order, venue.broker);
    } catch (error) {
      // Without a database the next order would fail as well, after an equally long wait.
      if (error instanceof DatabaseUnavailableError) throw error;
      options.onFailed(error);
    }
  };
}
