import { acceptOrder, DEFAULT_FEE_MODEL, type Fill } from '@tripline/trading';
import { DatabaseUnavailableError } from '@tripline/database';
import type { OrderRecord } from '@tripline/trading-store';
import { buildBar, BUILDER_TIME } from '@tripline/testing';

import type { Broker, BrokerAnswer } from './broker';
import { createRestingOrders } from './resting-orders';

const INTERVAL_MS = 1_000;

function restingOrder(clientOrderId: string, ticker: string, venue = 'paper'): OrderRecord {
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
  return { ...accepted, pipelineId: 'p1', userId: 'u1', venue, reason: null, createdAt: 0, updatedAt: 0 };
}

const NO_BROKER: Broker = {
  answersWithinMs: 3_000,
  submit: () => Promise.reject(new Error('not expected in this test')),
  find: () => Promise.reject(new Error('not expected in this test')),
};

function createHarness(
  orders: readonly OrderRecord[],
  book: (fill: Fill) => Promise<boolean>,
  broker = NO_BROKER,
  mayAcquire = true,
) {
  const rejected: string[] = [];
  const filled: string[] = [];
  const failures: unknown[] = [];
  const component = createRestingOrders({
    store: {
      loadRestingOrders: (limit, after = null) =>
        Promise.resolve(orders.filter(({ clientOrderId }) => after === null || clientOrderId > after).slice(0, limit)),
      fillRestingOrder: book,
      rejectRestingOrder: (id) => {
        rejected.push(id);
        return Promise.resolve();
      },
    },
    intents: { acquireSubmission: () => Promise.resolve(mayAcquire ? 1_000 : null) },
    venueOf: (venue) => (venue === 'paper' ? { kind: 'internal' } : { kind: 'external', broker }),
    bars: {
      readerFor: (ticker) => ({ asOf: () => [], nextAfter: () => (ticker === 'ENDED' ? null : buildBar()) }),
    },
    feeModel: DEFAULT_FEE_MODEL,
    intervalMs: INTERVAL_MS,
    onFilled: (id) => filled.push(id),
    onFailed: (error) => failures.push(error),
  });
  return { component, filled, failures, rejected };
}

describe('createRestingOrders', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('reaches an order that is queued behind a full round of orders that never find a bar', async () => {
    const ended = Array.from({ length: 450 }, (_, n) => restingOrder(`a-${String(n).padStart(3, '0')}`, 'ENDED'));
    const harness = createHarness([...ended, restingOrder('b', 'LIVE')], () => Promise.resolve(true));
    await harness.component.start();
    await jest.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    await harness.component.stop();
    expect(harness.filled).toEqual(['b']);
  });

  it('fills the other orders when one cannot be filled', async () => {
    const failure = new RangeError('a fill has a quantity and a price above 0');
    const harness = createHarness([restingOrder('a', 'LIVE'), restingOrder('b', 'LIVE')], ({ clientOrderId }) =>
      clientOrderId === 'a' ? Promise.reject(failure) : Promise.resolve(true),
    );
    await harness.component.start();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    await harness.component.stop();
    expect([harness.failures, harness.filled]).toEqual([[failure], ['b']]);
  });

  it('ends the round when the database is unavailable', async () => {
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

  it("applies an external broker's answer to its order, and sends an order that the broker does not know", async () => {
    const FILLED: BrokerAnswer = { status: 'filled', price: '10', fee: '0', filledAt: BUILDER_TIME };
    const known = new Map<string, BrokerAnswer>([
      ['filled', FILLED],
      ['rejected', { status: 'rejected', reason: 'no cash' }],
      ['waiting', { status: 'accepted' }],
    ]);
    const submitted: string[] = [];
    const broker: Broker = {
      answersWithinMs: 3_000,
      find: (id) => Promise.resolve(known.get(id) ?? null),
      submit: ({ clientOrderId }) => {
        submitted.push(clientOrderId);
        return Promise.resolve(FILLED);
      },
    };
    const orders = ['filled', 'flatten-1', 'rejected', 'waiting'].map((id) => restingOrder(id, 'LIVE', 'alpha'));
    const harness = createHarness(orders, () => Promise.resolve(true), broker);
    await harness.component.start();
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    await harness.component.stop();
    expect(harness.filled).toEqual(['filled', 'flatten-1']);
    expect(harness.rejected).toEqual(['rejected']);
    expect(submitted).toEqual(['flatten-1']);
  });
});
