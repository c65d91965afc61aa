import { Quantity } from '@tripline/trading';

/** Currency pairs, e.g. `BTC-USD`, `ETH/EUR`, `SOL-USDT`: traded in millionths. */
const CURRENCY_PAIR = /^[A-Z0-9]+[-/](USD|USDT|USDC|EUR|GBP|JPY|BTC|ETH)$/;
const FRACTIONAL_STEP = Quantity.of('0.000001');
const WHOLE_STEP = Quantity.of(1);

/**
 * Smallest tradable step of a ticker: whole units, or 1e-6 for currency pairs. Used until there is an instrument table.
 */
export function lotStepOf(ticker: string): Quantity {
  return CURRENCY_PAIR.test(ticker) ? FRACTIONAL_STEP : WHOLE_STEP;
}

/** Rounds a quantity down to the lot; never below 0. */
export function roundDownToLot(quantity: Quantity, step: Quantity): Quantity {
  return quantity.roundDownTo(step);
}
