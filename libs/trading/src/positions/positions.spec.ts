import * as fc from 'fast-check';

import { Decimal, toDecimal, toDecimalString } from '../money/decimal';
import type { Fill, OrderSide } from '../orders/order';
import { accountEquity, applyFillToCash, INITIAL_PAPER_CASH } from './account';
import { applyFill, flatPosition, unrealisedPnl } from './apply-fill';
import type { Position } from './position';

type Booked = Pick<Fill, 'ticker' | 'side' | 'quantity' | 'price' | 'fee'>;

function fill(side: OrderSide, quantity: string, price: string, fee = '0'): Booked {
  return { ticker: '^SPX', side, quantity, price, fee };
}

function bookAll(fills: readonly Booked[]): Position {
  return fills.reduce((position, next) => applyFill(position, next).position, flatPosition('^SPX'));
}

/** Signed quantity at average price, four decimals: the notation of the published vectors. */
function short(position: Position): string {
  return `${position.quantity}@${toDecimalString(toDecimal(position.averagePrice), 4)}`;
}

describe('applyFill', () => {
  // mementum/backtrader tests/test_position.py.
  it('gives the published average-cost positions through add, reduce and flip', () => {
    const fills = [
      fill('BUY', '10', '10'),
      fill('BUY', '5', '12.5'),
      fill('SELL', '7', '14.5'),
      fill('SELL', '15', '17.5'),
    ];
    const seen = fills.map((_, count) => short(bookAll(fills.slice(0, count + 1))));
    expect(seen).toEqual(['10@10', '15@10.8333', '8@10.8333', '-7@17.5']);
  });

  it('realises the closed part only, on both sides', () => {
    const long = applyFill(bookAll([fill('BUY', '10', '100')]), fill('SELL', '4', '110'));
    expect(long).toMatchObject({
      realisedPnl: '40',
      closedQuantity: '4',
      position: { quantity: '6', averagePrice: '100' },
    });
    const cover = applyFill(bookAll([fill('SELL', '10', '100')]), fill('BUY', '10', '110'));
    expect(cover).toMatchObject({ realisedPnl: '-100', position: { quantity: '0', averagePrice: '0' } });
    const flip = applyFill(bookAll([fill('SELL', '10', '100')]), fill('BUY', '15', '90'));
    expect(flip).toMatchObject({
      realisedPnl: '100',
      closedQuantity: '10',
      position: { quantity: '5', averagePrice: '90' },
    });
  });

  it.each([
    ['another ticker', { ...fill('BUY', '1', '1'), ticker: 'AAPL' }],
    ['a quantity of 0', fill('BUY', '0', '1')],
    ['a negative quantity', fill('BUY', '-1', '1')],
    ['a price of 0', fill('BUY', '1', '0')],
    ['a quantity that is no number', fill('BUY', 'NaN', '1')],
  ])('refuses %s', (_case, refused) => {
    expect(() => applyFill(flatPosition('^SPX'), refused)).toThrow(RangeError);
  });
});

describe('a sequence of fills', () => {
  const fills = fc.array(
    fc
      .record({
        side: fc.constantFrom<OrderSide>('BUY', 'SELL'),
        micro: fc.integer({ min: 1, max: 500_000_000 }),
        cents: fc.integer({ min: 1, max: 500_000 }),
        feeCents: fc.integer({ min: 0, max: 500 }),
      })
      .map(({ side, micro, cents, feeCents }) =>
        fill(
          side,
          toDecimalString(toDecimal(micro).div(1e6)),
          toDecimalString(toDecimal(cents).div(100)),
          toDecimalString(toDecimal(feeCents).div(100)),
        ),
      ),
    { maxLength: 40 },
  );
  const marks = fc.integer({ min: 1, max: 500_000 }).map((cents) => toDecimalString(toDecimal(cents).div(100)));

  it('changes equity by realised plus unrealised minus fees, far below a cent', () => {
    fc.assert(
      fc.property(fills, marks, (booked, mark) => {
        const position = bookAll(booked);
        const cash = booked.reduce((sum, next) => applyFillToCash(sum, next), INITIAL_PAPER_CASH);
        const change = toDecimal(accountEquity(cash, [{ position, mark }])).minus(INITIAL_PAPER_CASH);
        const explained = toDecimal(position.realisedPnl).plus(unrealisedPnl(position, mark)).minus(position.fees);
        // Averages have 12 decimals: at most 40 fills × 20,000 units × half of the last place.
        expect(change.minus(explained).abs().lte('0.000001')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('holds the signed sum of the fills, and the sum of what each realised and paid', () => {
    fc.assert(
      fc.property(fills, (booked) => {
        let position = flatPosition('^SPX');
        let realised = new Decimal(0);
        for (const next of booked) {
          const applied = applyFill(position, next);
          position = applied.position;
          realised = realised.plus(applied.realisedPnl);
        }
        const signed = booked.reduce(
          (sum, next) => (next.side === 'BUY' ? sum.plus(next.quantity) : sum.minus(next.quantity)),
          new Decimal(0),
        );
        const fees = booked.reduce((sum, next) => sum.plus(next.fee), new Decimal(0));
        expect([position.quantity, position.realisedPnl, position.fees]).toEqual(
          [signed, realised, fees].map((value) => toDecimalString(value)),
        );
      }),
    );
  });

  it('loses exactly the fees when it buys and sells at one price', () => {
    const trades = [fill('BUY', '3', '33.33', '1.25'), fill('SELL', '3', '33.33', '1.25')];
    expect(trades.reduce((cash, next) => applyFillToCash(cash, next), INITIAL_PAPER_CASH)).toBe('99997.5');
    expect(bookAll(trades)).toMatchObject({ quantity: '0', realisedPnl: '0', fees: '2.5' });
  });
});
