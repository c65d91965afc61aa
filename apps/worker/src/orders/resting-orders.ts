import { type FeeModel, fillMarketOrder } from '@tripline/domain';
import type { RestingOrderStore } from '@tripline/persistence';
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

/** Orders looked at in one round, oldest first. */
const BATCH_SIZE = 200;

/** Fills orders whose next bar had not begun when they were sent, as soon as there is one. Any number may run. */
export function createRestingOrders(options: RestingOrdersOptions): Component {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const fillOnce = async (): Promise<void> => {
    try {
      for (const order of await options.store.loadRestingOrders(BATCH_SIZE)) {
        const nextBar = options.bars.readerFor(order.ticker)?.nextAfter(order.occurredAt) ?? null;
        const fill = nextBar === null ? null : fillMarketOrder(order, nextBar, options.feeModel);
        if (fill !== null && (await options.store.fillRestingOrder(fill))) options.onFilled(order.clientOrderId);
      }
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
