import { COMPUTE_SECONDS, DATABASE_SECONDS, LONG_SECONDS } from '../buckets';
import { counter, gauge, histogram } from '../definition';
import { OK_OR_ERROR } from '../label-values';

const ORDER_SERVICES = ['worker', 'api'] as const;

/** Pre-trade checks, margin, strategies, and profit and loss. */
export const PLANNED_TRADING = {
  cost_breakdown_calculations_total: counter(ORDER_SERVICES, 'Cost breakdowns calculated.', { transaction_type: 10 }),
  margin_calculation_duration_seconds: histogram(ORDER_SERVICES, 'Time of a margin calculation.', COMPUTE_SECONDS, {
    method: 10,
  }),
  margin_calculations_total: counter(ORDER_SERVICES, 'Margin calculations.', { status: OK_OR_ERROR, method: 10 }),
  market_impact_assessments_total: counter(ORDER_SERVICES, 'Market impact assessments.', {
    level: ['low', 'medium', 'high'],
  }),
  smart_order_rejection_reasons_total: counter(ORDER_SERVICES, 'Orders denied by the pre-trade checks, by reason.', {
    reason: 30,
  }),
  smart_order_validation_duration_seconds: histogram(
    ORDER_SERVICES,
    'Time of an order validation.',
    COMPUTE_SECONDS,
    {},
  ),
  smart_order_validations_total: counter(ORDER_SERVICES, 'Order validations, by result.', {
    status: ['accepted', 'rejected', 'error'],
  }),
  pnl_total: gauge(
    ['api'],
    'Realised and unrealised profit in US dollars. A gauge, because it can fall; dashboards ask for it under this name.',
    { strategy: 50 },
  ),
  pnl_unrealized: gauge(['api'], 'Unrealised profit in US dollars.', { strategy: 50 }),
  position_value_usd: gauge(['api'], 'Market value of open positions in US dollars.', { strategy: 50, market: 50 }),
  strategies_total: gauge(
    ['api'],
    'Strategies by account and status. A gauge, because it can fall; dashboards ask for it under this name.',
    { account: 50, status: ['active', 'paused', 'inactive', 'closed'] },
  ),
  strategy_instruments_total: gauge(
    ['api'],
    'Instruments held by strategies. A gauge, because it can fall; dashboards ask for it under this name.',
    {},
  ),
  strategy_m2m_calculation_duration_seconds: histogram(
    ORDER_SERVICES,
    'Time of a mark-to-market calculation.',
    COMPUTE_SECONDS,
    {},
  ),
  strategy_m2m_calculations_total: counter(ORDER_SERVICES, 'Mark-to-market calculations.', { status: OK_OR_ERROR }),
  strategy_operations_total: counter(ORDER_SERVICES, 'Changes to strategies.', { operation: 20 }),
  strategy_pnl_total: gauge(
    ['api'],
    'Profit of all strategies in US dollars. A gauge, because it can fall; dashboards ask for it under this name.',
    {},
  ),
  total_orders_placed_today: gauge(['api'], 'Orders placed today (UTC).', {}),
  total_strategies_created_today: gauge(['api'], 'Strategies created today (UTC).', {}),
} as const;

/** Futures and options, statements and backtests. */
export const PLANNED_ANALYTICS_AND_BACKTESTS = {
  backtest_duration_seconds: histogram(['worker'], 'Duration of a backtest.', LONG_SECONDS, {}),
  fo_greeks_calculations_total: counter(['api'], 'Option greeks calculations.', {}),
  fo_instruments_cached: gauge(['api'], 'Futures and options instruments in the cache.', {}),
  fo_queries_total: counter(['api'], 'Queries of futures and options data.', { query_type: 20 }),
  fo_query_duration_seconds: histogram(['api'], 'Time of a futures and options query.', DATABASE_SECONDS, {
    query_type: 20,
  }),
  statement_parsing_errors_total: counter(['api'], 'Broker statements that could not be parsed.', { error_type: 20 }),
  statements_parsed_total: counter(['api'], 'Broker statements parsed.', {}),
} as const;
