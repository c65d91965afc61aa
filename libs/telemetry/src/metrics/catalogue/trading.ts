import { counter, gauge } from '../definition';
import { BROKER_REQUEST_OUTCOME, HALT_LEVEL, HALT_MODE, ORDER_SIDE, ORDER_STATUS, TRADE_RESULT } from '../label-values';

/** Orders, fills and halts. The halts come from PostgreSQL, so only one service exports them. */
export const ORDER_METRICS = {
  orders_total: counter(['worker'], 'Orders, by the status they reached.', {
    strategy: 50,
    side: ORDER_SIDE,
    status: ORDER_STATUS,
  }),
  broker_requests_total: counter(['worker'], 'Requests to the external broker, by outcome.', {
    outcome: BROKER_REQUEST_OUTCOME,
  }),
  trades_total: counter(['worker'], 'Fills; the result is known when a fill closes a position.', {
    symbol: 200,
    side: ORDER_SIDE,
    result: TRADE_RESULT,
  }),
  trading_halts_active: gauge(['api'], 'Halts in force, by level and mode.', { level: HALT_LEVEL, mode: HALT_MODE }),
} as const;
