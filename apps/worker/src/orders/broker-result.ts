import {
  acceptOrder,
  applyFillToOrder,
  endOrder,
  type FeeModel,
  fillMarketOrder,
  type OrderIntent,
} from '@tripline/trading';

import type { BarSource } from '../market-data/bar-source';
import type { BrokerAnswer, BrokerResult } from './broker';

/** The internal broker fills at the open of the first bar after the trigger. Until there is one, the order rests. */
export function fillOnPaper(intent: OrderIntent, bars: BarSource, feeModel: FeeModel): BrokerResult {
  const accepted = acceptOrder(intent);
  const nextBar = bars.readerFor(intent.ticker)?.nextAfter(intent.occurredAt) ?? null;
  const fill = nextBar === null ? null : fillMarketOrder(accepted, nextBar, feeModel);
  return { order: fill === null ? accepted : applyFillToOrder(accepted, fill), fill, reason: null };
}

/** Applies an external broker's answer to an order. */
export function resultOfAnswer(intent: OrderIntent, answer: BrokerAnswer): BrokerResult {
  const accepted = acceptOrder(intent);
  switch (answer.status) {
    case 'accepted':
      return { order: accepted, fill: null, reason: null };
    case 'rejected':
      return { order: endOrder(accepted, 'reject'), fill: null, reason: answer.reason };
    case 'filled': {
      const fill = {
        clientOrderId: intent.clientOrderId,
        sequence: 1,
        ticker: intent.ticker,
        side: intent.side,
        quantity: intent.quantity,
        price: answer.price,
        fee: answer.fee,
        // Slippage is unknown for external fills: only the internal broker knows its reference price.
        slippageCost: '0',
        filledAt: answer.filledAt,
      };
      return { order: applyFillToOrder(accepted, fill), fill, reason: null };
    }
  }
}
