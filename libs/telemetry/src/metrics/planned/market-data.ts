import { COMPUTE_SECONDS, REQUEST_SECONDS } from '../buckets';
import { counter, gauge, histogram } from '../definition';

const GENERATOR = ['signal-generator'] as const;

/** Market data in: trades, bars, indicators, quality. Today the generators read finished bars from files. */
export const PLANNED_MARKET_DATA = {
  bar_completion_duration_seconds: histogram(GENERATOR, 'Time to close a bar and run its consumers.', COMPUTE_SECONDS, {
    symbol: 25,
    timeframe: 20,
  }),
  bars_completed_total: counter(GENERATOR, 'Bars closed.', { symbol: 200, timeframe: 20 }),
  collector_errors_total: counter(GENERATOR, 'Errors of a market data collector.', { exchange: 20, error_type: 30 }),
  collector_status: gauge(GENERATOR, 'Whether a collector is connected: 1 yes, 0 no.', { exchange: 20 }),
  data_anomalies_detected_total: counter(GENERATOR, 'Anomalies found in market data.', { type: 30 }),
  data_quality_checks_total: counter(GENERATOR, 'Data quality checks, by result.', {
    check: 30,
    result: ['pass', 'fail'],
  }),
  data_quality_score: gauge(GENERATOR, 'Share of passed quality checks, 0 to 1.', { symbol: 200 }),
  feature_calculation_duration_seconds: histogram(
    GENERATOR,
    'Time to calculate one feature vector.',
    COMPUTE_SECONDS,
    {},
  ),
  features_calculated_total: counter(GENERATOR, 'Feature vectors calculated.', { symbol: 200 }),
  indicator_calculation_duration_seconds: histogram(GENERATOR, 'Time to update one indicator.', COMPUTE_SECONDS, {
    indicator: 30,
  }),
  last_trade_timestamp: gauge(GENERATOR, 'Unix time of the last trade, in seconds.', { exchange: 20, symbol: 200 }),
  trades_received_total: counter(GENERATOR, 'Trades received from an exchange.', { exchange: 20, symbol: 200 }),
  websocket_reconnections_total: counter(GENERATOR, 'Reconnections to an exchange stream.', { exchange: 20 }),
} as const;

/** Quote client of the api. */
export const PLANNED_QUOTES = {
  ticker_service_circuit_breaker_failures_total: counter(
    ['api'],
    'Failures counted by the circuit breaker of the quote service.',
    {},
  ),
  ticker_service_circuit_breaker_state: gauge(
    ['api'],
    'Circuit breaker of the quote service: 0 closed, 1 open, 2 half-open.',
    {},
  ),
  ticker_service_errors_total: counter(['api'], 'Errors of the quote service.', { error_type: 30 }),
  ticker_service_request_duration_seconds: histogram(['api'], 'Duration of a quote request.', REQUEST_SECONDS, {
    operation: 20,
  }),
  ticker_service_requests_total: counter(['api'], 'Requests to the quote service.', {
    operation: 20,
    status: ['success', 'error', 'timeout', 'rejected'],
  }),
} as const;
