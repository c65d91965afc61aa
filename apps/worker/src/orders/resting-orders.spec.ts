import { acceptOrder, DEFAULT_FEE_MODEL, type Fill } from '@tripline/domain';
import { DatabaseUnavailableError, type OrderRecord } from '@tripline/persistence';
import { buildBar, BUILDER_TIME } from '@tripline/testing';

import { createRestingOrders } from './resting-orders';

const INTERVAL_MS = 1_000;

function restingOrder(clientOrderId: string, ticker: string): OrderRecord {
  const accepted = acceptOrder({
    clientOrderId,
    executionId: 'e1',
    ticker,
    side: 'BUY',
    type: 'MARKET',
    quantity: '1',
    referencePrice: '100',
    stopPrice: null,
    targetPrice: null,
    occurredAt: BUILDER_TIME,
  });
  return { ...accepted, pipelineId: 'p1', userId: 'u1', reason: null, createdAt: 0, updatedAt: 0 };
}

function createHarness(orders: readonly OrderRecord[], book: (fill: Fill) => Promise<boolean>) {
  const filled: string[] = [];
  const failures: unknown[] = [];
  const component = createRestingOrders({
    store: {
      loadRestingOrders: (limit, after = null) =>
        Promise.resolve(orders.filter(({ clientOrderId }) => after === null || clientOrderId > after).slice(0, limit)),
      fillRestingOrder: book,
    },
    bars: {
      readerFor: (ticker) => ({ asOf: () => [], nextAfter: () => (ticker === 'ENDED' ? null : buildBar()) }),
    },
    feeModel: DEFAULT_FEE_MODEL,
    intervalMs: INTERVAL_MS,
    onFilled: (id) => filled.push(id),
    onFailed: (error) => failures.push(error),
  });
  return { component, filled, failures };
}

describe('createRestingOrders', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('reaches an order behind more orders than one round looks at, although those never find a bar', async () => {
    const ended = Array.from({ length: 450 }, (_, n) => restingOrder(`a-${String(n).padStart(3, '0')}`, 'ENDED'));
    const harness = createHarness([...ended, restingOrder('b', 'LIVE')], () => Promise.resolve(true));
    await harness.component.start();
    await jest.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    await harness.component.stop();
    expect(harness.filled).toEqual(['b']);
  });

  it('fills the others when one cannot be filled', async () => {
    const failure = new RangeError('a fill has a quantity and a price above 0');
    const harness = createHarness([restingOrder('a', 'LIVE'), restingOrder('b', 'LIVE')], ({ clientOrderId }) =>
      clientOrderId === 'a' ? Promise.reject(failure) : Promise.resolve(true),
    );
    await harness.component.start();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    await harness.component.stop();
    expect([harness.failures, harness.filled]).toEqual([[failure], ['b']]);
  });

  it('tries no further order in a round without a database', async () => {
    let asked = 0;
    const harness = createHarness([restingOrder('a', 'LIVE'), restingOrder('b', 'LIVE')], () => {
      asked += 1;
      return Promise.reject(new DatabaseUnavailableError(3, { cause: new Error('away') }));
    });
    await harness.component.start();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    await harness.component.stop();
    expect([asked, harness.failures.length]).toEqual([1, 1]);
  });
});
