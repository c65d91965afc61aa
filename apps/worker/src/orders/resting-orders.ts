import { type FeeModel, fillMarketOrder, type Order } from '@tripline/domain';
import { DatabaseUnavailableError, type RestingOrderStore } from '@tripline/persistence';
import type { Component } from '@tripline/runtime';

import type { BarSource } from '../market-data/bar-source';

export interface RestingOrdersOptions {
  readonly store: RestingOrderStore;
  readonly bars: BarSource;
  readonly feeModel: FeeModel;
  readonly intervalMs: number;
  readonly onFilled: (clientOrderId: string) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Orders looked at in one round; the next round goes on behind them, since some may never find a bar. */
const BATCH_SIZE = 200;

/**
 * Fills orders whose next bar had not begun when they were sent, as soon as there is one. Any number may run. An order that
 * cannot be filled is reported and does not hold up the others.
 */
export function createRestingOrders(options: RestingOrdersOptions): Component {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let seenUpTo: string | null = null;

  const fill = async (order: Order): Promise<void> => {
    try {
      const nextBar = options.bars.readerFor(order.ticker)?.nextAfter(order.occurredAt) ?? null;
      const filled = nextBar === null ? null : fillMarketOrder(order, nextBar, options.feeModel);
      if (filled !== null && (await options.store.fillRestingOrder(filled))) options.onFilled(order.clientOrderId);
    } catch (error) {
      // Without a database the next order would fail as well, after as long a wait.
      if (error instanceof DatabaseUnavailableError) throw error;
      options.onFailed(error);
    }
  };

  const fillOnce = async (): Promise<void> => {
    try {
      const orders = await options.store.loadRestingOrders(BATCH_SIZE, seenUpTo);
      seenUpTo = orders.length < BATCH_SIZE ? null : (orders.at(-1)?.clientOrderId ?? null);
      for (const order of orders) await fill(order);
    } catch (error) {
      options.onFailed(error);
    }
  };

  return {
    name: 'resting-orders',
    start() {
      timer = setInterval(() => {
        running ??= fillOnce().finally(() => (running = undefined));
      }, options.intervalMs);
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
