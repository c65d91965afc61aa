import { COMPUTE_SECONDS, DATABASE_SECONDS, LONG_SECONDS } from '../buckets';
import { counter, gauge, histogram } from '../definition';
import {
  HALT_LEVEL,
  HALT_MODE,
  OK_OR_ERROR,
  BROKER_REQUEST_OUTCOME,
  ORDER_SIDE,
  ORDER_STATUS,
  TRADE_RESULT,
} from '../label-values';

const TRADING = ['worker', 'api'] as const;
const BOOKS = ['api'] as const;

/** Orders and the checks in front of them. */
export const ORDER_METRICS = {
  orders_total: counter(TRADING, 'Orders, by the status they reached.', {
    strategy: 50,
    side: ORDER_SIDE,
    status: ORDER_STATUS,
  }),
  broker_requests_total: counter(['worker'], 'Requests to the external broker, by how they ended.', {
    outcome: BROKER_REQUEST_OUTCOME,
  }),
  trades_total: counter(TRADING, 'Fills; the result is known when a fill closes a position.', {
    symbol: 200,
    side: ORDER_SIDE,
    result: TRADE_RESULT,
  }),
  smart_order_validations_total: counter(TRADING, 'Order validations, by result.', {
    status: ['accepted', 'rejected', 'error'],
  }),
  smart_order_rejection_reasons_total: counter(TRADING, 'Reasons orders were refused for.', { reason: 30 }),
  margin_calculations_total: counter(TRADING, 'Margin calculations.', { status: OK_OR_ERROR, method: 10 }),
  cost_breakdown_calculations_total: counter(TRADING, 'Cost breakdowns.', { transaction_type: 10 }),
  market_impact_assessments_total: counter(TRADING, 'Market impact assessments.', {
    level: ['low', 'medium', 'high'],
  }),
  smart_order_validation_duration_seconds: histogram(TRADING, 'Time of an order validation.', COMPUTE_SECONDS, {}),
  margin_calculation_duration_seconds: histogram(TRADING, 'Time of a margin calculation.', COMPUTE_SECONDS, {
    method: 10,
  }),
} as const;

/** Positions, strategies, profit and loss; the gauges come from Postgres, so one service exports them. */
export const STRATEGY_METRICS = {
  trading_halts_active: gauge(BOOKS, 'Halts in force, by level and mode.', { level: HALT_LEVEL, mode: HALT_MODE }),
  position_value_usd: gauge(BOOKS, 'Market value of open positions in US dollars.', { strategy: 50, market: 50 }),
  pnl_total: gauge(
    BOOKS,
    'Realised and unrealised profit in US dollars. A gauge, for it can fall; the name is the one dashboards ask for.',
    { strategy: 50 },
  ),
  pnl_unrealized: gauge(BOOKS, 'Unrealised profit in US dollars.', { strategy: 50 }),
  strategy_pnl_total: gauge(
    BOOKS,
    'Profit of all strategies in US dollars. A gauge, for it can fall; the name is the one dashboards ask for.',
    {},
  ),
  strategies_total: gauge(
    BOOKS,
    'Strategies by account and status. A gauge, for it can fall; the name is the one dashboards ask for.',
    { account: 50, status: ['active', 'paused', 'inactive', 'closed'] },
  ),
  strategy_instruments_total: gauge(
    BOOKS,
    'Instruments held by strategies. A gauge, for it can fall; the name is the one dashboards ask for.',
    {},
  ),
  strategy_operations_total: counter(TRADING, 'Changes to strategies.', { operation: 20 }),
  strategy_m2m_calculations_total: counter(TRADING, 'Mark-to-market calculations.', { status: OK_OR_ERROR }),
  strategy_m2m_calculation_duration_seconds: histogram(
    TRADING,
    'Time of a mark-to-market calculation.',
    COMPUTE_SECONDS,
    {},
  ),
} as const;

/** Futures and options analytics, and statements. */
export const ANALYTICS_METRICS = {
  fo_queries_total: counter(['api'], 'Queries of futures and options data.', { query_type: 20 }),
  fo_greeks_calculations_total: counter(['api'], 'Calculations of option greeks.', {}),
  fo_query_duration_seconds: histogram(['api'], 'Time of a futures and options query.', DATABASE_SECONDS, {
    query_type: 20,
  }),
  fo_instruments_cached: gauge(['api'], 'Futures and options instruments in the cache.', {}),
  statement_parsing_errors_total: counter(['api'], 'Broker statements that could not be read.', { error_type: 20 }),
  statements_parsed_total: counter(['api'], 'Broker statements read.', {}),
  backtest_duration_seconds: histogram(['worker'], 'Time of a backtest.', LONG_SECONDS, {}),
} as const;
