import {
  applyFill,
  applyFillToCash,
  type DecimalString,
  type Fill,
  flatPosition,
  type Position,
} from '@tripline/trading';

import type { AccountState } from './execution-records';

/** The effect of a fill on its account at `version`. */
export interface Settlement {
  readonly version: number;
  readonly position: Position;
  readonly realisedPnl: DecimalString;
  readonly cash: DecimalString;
}

export function settle(fill: Fill, account: AccountState, positions: readonly Position[]): Settlement {
  const before = positions.find((position) => position.ticker === fill.ticker) ?? flatPosition(fill.ticker);
  const { position, realisedPnl } = applyFill(before, fill);
  return { version: account.version, position, realisedPnl, cash: applyFillToCash(account.cash, fill) };
}
