import type { MetricDefinition } from '../definition';
import { PLANNED_MARKET_DATA, PLANNED_QUOTES } from './market-data';
import { PLANNED_ACCOUNTS, PLANNED_CACHES, PLANNED_CIRCUIT_BREAKERS, PLANNED_WEBSOCKET } from './platform';
import { PLANNED_ANALYTICS_AND_BACKTESTS, PLANNED_TRADING } from './trading';

/** A metric that the requirements ask for and no code records yet. */
export interface PlannedMetric extends MetricDefinition {
  /** The capability that will record it. */
  readonly area: string;
  /** Further names that recording rules will give it. */
  readonly aliases: readonly string[];
}

/** Other products' names for planned metrics; they become recording rules together with their metric. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  websocket_connections_active: ['websocket_connections', 'polybot_websocket_connections'],
  cache_memory_usage_bytes: ['cache_size_bytes'],
  backtest_duration_seconds: ['dgbit_backtest_duration_seconds'],
  position_value_usd: ['polybot_position_value_usd'],
  pnl_total: ['polybot_pnl_total'],
  pnl_unrealized: ['polybot_pnl_unrealized'],
};

function inArea(area: string, metrics: Readonly<Record<string, MetricDefinition>>): [string, PlannedMetric][] {
  return Object.entries(metrics).map(([name, metric]) => [name, { ...metric, area, aliases: ALIASES[name] ?? [] }]);
}

/**
 * Metrics that are asked for and that nothing records. They are not registered and not exported, because a lasting zero
 * would be a false statement, and no dashboard or rule may read them. Move an entry to the catalogue together with the
 * code that records it.
 */
export const PLANNED_METRICS: ReadonlyMap<string, PlannedMetric> = new Map([
  ...inArea('market data', PLANNED_MARKET_DATA),
  ...inArea('quotes', PLANNED_QUOTES),
  ...inArea('circuit breakers', PLANNED_CIRCUIT_BREAKERS),
  ...inArea('WebSocket', PLANNED_WEBSOCKET),
  ...inArea('caches', PLANNED_CACHES),
  ...inArea('accounts', PLANNED_ACCOUNTS),
  ...inArea('trading', PLANNED_TRADING),
  ...inArea('analytics and backtests', PLANNED_ANALYTICS_AND_BACKTESTS),
]);
