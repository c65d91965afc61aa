import * as fc from 'fast-check';

import { toDecimal } from '../money/decimal';
import { INTENT_LIFECYCLE } from './intent-state';
import type { Order, OrderStatus } from './order';
import { ORDER_LIFECYCLE, type OrderEvent } from './order-lifecycle';
import { acceptOrder, applyFillToOrder, endOrder } from './order-state';

const ORDER = acceptOrder({
  clientOrderId: 'run-5-1',
  executionId: 'run',
  ticker: '^SPX',
  side: 'BUY',
  type: 'MARKET',
  quantity: '10',
  referencePrice: '100',
  stopPrice: null,
  targetPrice: null,
  occurredAt: 0,
});

type Step = { readonly event: Exclude<OrderEvent, 'fill_part' | 'fill_rest'> } | { readonly quantity: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ event: fc.constantFrom('cancel' as const, 'reject' as const, 'expire' as const) }),
    fc.record({ quantity: fc.integer({ min: 1, max: 12 }) }),
  ),
  { maxLength: 12 },
);

function take(order: Order, step: Step): Order {
  if ('event' in step) return endOrder(order, step.event);
  const { clientOrderId, ticker, side } = order;
  const quantity = String(step.quantity);
  const amounts = { quantity, price: '100', fee: '1', slippageCost: '0' };
  return applyFillToOrder(order, { clientOrderId, ticker, side, sequence: 1, filledAt: 0, ...amounts });
}

/** The order after the step; the same order when the step is refused. */
function tryStep(order: Order, step: Step): Order {
  try {
    return take(order, step);
  } catch (error) {
    if (error instanceof RangeError) return order;
    throw error;
  }
}

describe('the order lifecycle', () => {
  it('divides the statuses into open and terminal', () => {
    expect(ORDER_LIFECYCLE.open).toEqual(['accepted', 'partially_filled']);
    expect(ORDER_LIFECYCLE.terminal).toEqual(['filled', 'cancelled', 'rejected', 'expired']);
  });

  it('reaches every status from accepted', () => {
    const reached = new Set<OrderStatus>(['accepted']);
    const events: OrderEvent[] = ['fill_part', 'fill_rest', 'cancel', 'reject', 'expire'];
    for (const status of reached) {
      for (const event of events) reached.add(ORDER_LIFECYCLE.after(status, event) ?? status);
    }
    expect([...reached].sort()).toEqual([...ORDER_LIFECYCLE.states].sort());
  });

  it('does not allow a rejection after a fill', () => {
    const part = take(ORDER, { quantity: 4 });
    expect(part.status).toBe('partially_filled');
    expect(() => endOrder(part, 'reject')).toThrow('order run-5-1 is partially_filled and does not allow reject');
  });

  it('never overfills an order and never leaves a terminal status, in any sequence of events', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        let order = ORDER;
        for (const step of sequence) {
          const next = tryStep(order, step);
          if (!ORDER_LIFECYCLE.isOpen(order.status)) expect(next).toBe(order);
          expect(toDecimal(next.filledQuantity).gte(order.filledQuantity)).toBe(true);
          expect(toDecimal(next.filledQuantity).lte(next.quantity)).toBe(true);
          expect(next.filledQuantity === next.quantity).toBe(next.status === 'filled');
          order = next;
        }
      }),
    );
  });
});

describe('the lifecycle of an order intent', () => {
  it('withdraws only what was never sent and abandons only what was sent', () => {
    expect(INTENT_LIFECYCLE.allowing('withdraw')).toEqual(['intent']);
    expect(INTENT_LIFECYCLE.allowing('abandon')).toEqual(['submitted']);
    expect(INTENT_LIFECYCLE.terminal).toEqual(['acked', 'rejected', 'abandoned']);
  });
});
