import type { DecimalString, Fill, Order, Position } from '@tripline/trading';

/** An order as stored. Times are epoch ms. */
export interface OrderRecord extends Order {
  readonly pipelineId: string;
  readonly userId: string;
  /** The venue it was sent to; `paper` is the internal broker. */
  readonly venue: string;
  /** Why it was rejected or cancelled. */
  readonly reason: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface FillRecord extends Fill {
  /** `<clientOrderId>-f<sequence>`. */
  readonly id: string;
  /** Realised by this fill alone, USD, before its fee. */
  readonly realisedPnl: DecimalString;
}

export interface PositionRecord extends Position {
  readonly pipelineId: string;
  readonly updatedAt: number;
}

export interface AccountRecord {
  readonly pipelineId: string;
  readonly initialCash: DecimalString;
  readonly cash: DecimalString;
  readonly updatedAt: number;
}
