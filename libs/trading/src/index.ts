export { Money, Price, Quantity } from './money/amount';
export { type DecimalString, PRICE_DECIMALS, toDecimal, toDecimalString } from './money/decimal';
export { fillMarketOrder } from './orders/fill-market-order';
export { INTENT_LIFECYCLE, type IntentState } from './orders/intent-state';
export { ORDER_LIFECYCLE, type OrderStatus } from './orders/order-lifecycle';
export { acceptOrder, applyFillToOrder, endOrder } from './orders/order-state';
export {
  DEFAULT_FEE_MODEL,
  type FeeModel,
  type Fill,
  type Order,
  ORDER_SIDES,
  ORDER_STATUSES,
  ORDER_TYPES,
  type OrderIntent,
  type OrderSide,
} from './orders/order';
export { accountEquity, applyFillToCash, INITIAL_PAPER_CASH } from './positions/account';
export { applyFill, flatPosition } from './positions/apply-fill';
export type { Position } from './positions/position';
