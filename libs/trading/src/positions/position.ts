import type { DecimalString } from '../money/decimal';

/** Holding of one ticker in one account, by average cost. */
export interface Position {
  readonly ticker: string;
  /** Signed: above 0 long, below 0 short. */
  readonly quantity: DecimalString;
  /** Average entry price; `0` when flat. Fees are not part of it. */
  readonly averagePrice: DecimalString;
  /** Realised profit and loss so far, USD, before fees. */
  readonly realisedPnl: DecimalString;
  /** Fees paid so far, USD. */
  readonly fees: DecimalString;
}

/** What one fill did to a position. */
export interface AppliedFill {
  readonly position: Position;
  /** Realised by this fill alone, USD, before its fee. */
  readonly realisedPnl: DecimalString;
  /** Part of the fill that closed an existing position. */
  readonly closedQuantity: DecimalString;
}
