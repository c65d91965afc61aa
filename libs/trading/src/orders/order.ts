import type { DecimalString } from '../money/decimal';
import { ORDER_LIFECYCLE, type OrderStatus } from './order-lifecycle';

export type { OrderStatus };

export const ORDER_SIDES = ['BUY', 'SELL'] as const;
export type OrderSide = (typeof ORDER_SIDES)[number];

export const ORDER_TYPES = ['MARKET'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export const ORDER_STATUSES = ORDER_LIFECYCLE.states;

/** What an execution wants done; committed before it is submitted, and then it wins over any later answer. */
export interface OrderIntent {
  /** `<executionId>-<step>-<leg>`: the key that makes a second submit harmless. */
  readonly clientOrderId: string;
  readonly executionId: string;
  readonly ticker: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  /** Greater than 0; the side gives the direction. */
  readonly quantity: DecimalString;
  /** Last close the plan rests on; the fill differs. */
  readonly referencePrice: DecimalString;
  readonly stopPrice: DecimalString | null;
  readonly targetPrice: DecimalString | null;
  /** Event time of the trigger, epoch ms; the order fills at the first bar that starts at or after it. */
  readonly occurredAt: number;
}

export interface Order extends OrderIntent {
  readonly status: OrderStatus;
  readonly filledQuantity: DecimalString;
  /** Null until the first fill. */
  readonly averageFillPrice: DecimalString | null;
  /** Sum of the fees of its fills, USD. */
  readonly fees: DecimalString;
}

export interface Fill {
  readonly clientOrderId: string;
  /** 1, 2, … within the order. */
  readonly sequence: number;
  readonly ticker: string;
  readonly side: OrderSide;
  readonly quantity: DecimalString;
  readonly price: DecimalString;
  /** USD, rounded half-up to cents; never negative. */
  readonly fee: DecimalString;
  /** USD that spread and slippage cost against the bar's open; already part of the price. */
  readonly slippageCost: DecimalString;
  /** Event time, epoch ms: start of the bar it filled on. */
  readonly filledAt: number;
}

/** Cost model of the paper broker; basis points are hundredths of a percent of price or notional. */
export interface FeeModel {
  readonly slippageBps: number;
  readonly halfSpreadBps: number;
  readonly feeBps: number;
  /** Least fee of one fill, USD. */
  readonly minFee: DecimalString;
}

/** Cost of a liquid US large-cap at a discount broker; deliberately not zero. */
export const DEFAULT_FEE_MODEL: FeeModel = { slippageBps: 2, halfSpreadBps: 1, feeBps: 0.5, minFee: '1' };
