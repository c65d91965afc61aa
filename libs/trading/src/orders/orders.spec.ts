import * as fc from 'fast-check';

import { BUILDER_TIME, buildBar } from '@tripline/testing';

import { Money } from '../money/amount';
import { toDecimal, toDecimalString } from '../money/decimal';
import { feeOf, fillMarketOrder } from './fill-market-order';
import { DEFAULT_FEE_MODEL, type FeeModel, type Fill, type Order, type OrderIntent } from './order';
import { acceptOrder, applyFillToOrder } from './order-state';

const FREE: FeeModel = { slippageBps: 0, halfSpreadBps: 0, feeBps: 0, minFee: '0' };

function intent(overrides: Partial<OrderIntent> = {}): OrderIntent {
  return {
    clientOrderId: 'run-5-1',
    executionId: 'run',
    ticker: '^SPX',
    side: 'BUY',
    type: 'MARKET',
    quantity: '10',
    referencePrice: '100',
    stopPrice: null,
    targetPrice: null,
    occurredAt: BUILDER_TIME,
    ...overrides,
  };
}

function fillOf(order: Order, overrides: Partial<Fill> = {}): Fill {
  const fill = fillMarketOrder(order, buildBar(), FREE);
  if (fill === null) throw new Error('the bar fills nothing');
  return { ...fill, ...overrides };
}

describe('fillMarketOrder', () => {
  it.each([
    ['BUY', '100.03', '1', '0.3'],
    ['SELL', '99.97', '1', '0.3'],
  ] as const)('moves the open against a %s by half the spread and the slippage', (side, price, fee, slippageCost) => {
    const fill = fillMarketOrder(acceptOrder(intent({ side })), buildBar({ open: 100 }), DEFAULT_FEE_MODEL);
    expect(fill).toEqual({
      clientOrderId: 'run-5-1',
      sequence: 1,
      ticker: '^SPX',
      side,
      quantity: '10',
      price,
      fee,
      slippageCost,
      filledAt: BUILDER_TIME,
    });
  });

  it('never fills on a bar that began before the order', () => {
    const earlier = buildBar({ start: BUILDER_TIME - 1 });
    expect(() => fillMarketOrder(acceptOrder(intent()), earlier, FREE)).toThrow(/before it/);
  });

  it('fills nothing on a bar without a usable open', () => {
    for (const open of [0, -1, NaN]) {
      expect(fillMarketOrder(acceptOrder(intent()), buildBar({ open }), FREE)).toBeNull();
    }
  });

  it('fills on a bar without volume, because many histories give none', () => {
    expect(fillMarketOrder(acceptOrder(intent()), buildBar({ volume: 0 }), FREE)?.quantity).toBe('10');
  });

  it('fills only what is left of a partly filled order', () => {
    const order = applyFillToOrder(acceptOrder(intent()), fillOf(acceptOrder(intent()), { quantity: '4' }));
    expect(fillMarketOrder(order, buildBar(), FREE, 2)).toMatchObject({ quantity: '6', sequence: 2 });
  });

  it('refuses an order that is final', () => {
    const order = acceptOrder(intent());
    const filled = applyFillToOrder(order, fillOf(order));
    expect(filled.status).toBe('filled');
    expect(() => fillMarketOrder(filled, buildBar(), FREE)).toThrow(RangeError);
  });
});

describe('feeOf', () => {
  it.each([
    ['10000', '1', 'below the minimum'],
    ['20100', '1.01', 'half a cent goes up'],
    ['-20100', '1.01', 'a sale pays the same'],
  ])('of %s is %s: %s', (notional, fee) => {
    expect(feeOf(Money.of(notional), DEFAULT_FEE_MODEL)).toBe(fee);
  });
});

describe('applyFillToOrder', () => {
  it('refuses a foreign fill, more than is left and any fill after the last', () => {
    const order = acceptOrder(intent());
    const filled = applyFillToOrder(order, fillOf(order));
    expect(() => applyFillToOrder(order, fillOf(order, { clientOrderId: 'other' }))).toThrow(RangeError);
    expect(() => applyFillToOrder(order, fillOf(order, { quantity: '11' }))).toThrow(RangeError);
    expect(() => applyFillToOrder(filled, fillOf(order, { quantity: '1' }))).toThrow(RangeError);
  });

  it('ends filled with the sum of its fills, their average price and their fees, however it was cut', () => {
    const cuts = fc.array(
      fc.record({ lots: fc.integer({ min: 1, max: 50 }), cents: fc.integer({ min: 1, max: 1e6 }) }),
      {
        minLength: 1,
        maxLength: 10,
      },
    );
    fc.assert(
      fc.property(cuts, (parts) => {
        const total = parts.reduce((sum, part) => sum + part.lots, 0);
        let order = acceptOrder(intent({ quantity: String(total) }));
        for (const [position, { lots, cents }] of parts.entries()) {
          expect(order.status).toBe(position === 0 ? 'accepted' : 'partially_filled');
          const price = toDecimalString(toDecimal(cents).div(100));
          order = applyFillToOrder(order, {
            ...fillOf(acceptOrder(intent())),
            quantity: String(lots),
            price,
            fee: '0.01',
          });
        }
        const cents = parts.reduce((sum, part) => sum + part.lots * part.cents, 0);
        expect(order).toMatchObject({ status: 'filled', filledQuantity: String(total) });
        expect(order.fees).toBe(toDecimalString(toDecimal(parts.length).div(100)));
        const exact = toDecimal(cents).div(100).div(total);
        expect(
          toDecimal(order.averageFillPrice ?? 0)
            .minus(exact)
            .abs()
            .toNumber(),
        ).toBeLessThan(1e-10);
      }),
    );
  });
});
