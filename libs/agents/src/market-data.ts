import type { Bar } from '@tripline/market';
import { Price } from '@tripline/trading';
import type { AgentSettings } from '@tripline/triggers';
import { costOf } from './agent-cost';
import type { AgentResult, MarketDataOutput } from './agent-result';

/** Number of bars between the two points from which the bias agent takes the slope of its slow average. */
export const SLOPE_BARS = 5;
/** Data older than this many bars is stale. Long weekends and holiday weeks of daily bars stay below it. */
const STALE_AFTER_BARS = 5;

/** Fewest closed bars the agents can work with: enough to warm up the slowest indicator. */
export function requiredBars(settings: AgentSettings): number {
  return Math.max(settings.bias.slowPeriod + SLOPE_BARS, settings.strategy.atrPeriod + 1);
}

/** How many bars to request from the source: the configured look-back, but at least the required bars. */
export function barsToRead(settings: AgentSettings): number {
  return Math.max(settings.marketData.lookbackBars, requiredBars(settings));
}

export interface MarketDataInput {
  readonly settings: AgentSettings;
  readonly ticker: string;
  /** Event time of the trigger, epoch ms. */
  readonly asOf: number;
  /** Closed bars, oldest first; at most `barsToRead` of them. */
  readonly bars: readonly Bar[];
}

/**
 * Collects the bars as of the event time. Bars that end later are dropped, so no source can leak the future. Stops with
 * `market_data_missing`, `market_data_stale` or `insufficient_history`.
 */
export function runMarketData({ settings, ticker, asOf, bars }: MarketDataInput): AgentResult<MarketDataOutput> {
  const agent = 'market_data';
  const closed = closedBars(bars, asOf);
  const cost = costOf(agent, closed.length);
  const first = closed[0];
  const last = closed.at(-1);
  if (first === undefined || last === undefined) {
    const message = `no closed bars for ${ticker} as of ${isoTime(asOf)}`;
    return { agent, cost, status: 'stop', reason: 'market_data_missing', message, output: null };
  }
  const barsRequired = requiredBars(settings);
  const timeframeMs = last.end - last.start;
  const output: MarketDataOutput = {
    ticker,
    asOf,
    barsRead: closed.length,
    barsRequired,
    timeframeMs,
    firstBarStart: first.start,
    lastBarEnd: last.end,
    lastClose: Price.of(last.close).toString(),
  };
  if (asOf - last.end > STALE_AFTER_BARS * timeframeMs) {
    const message = `the last bar of ${ticker} closed at ${isoTime(last.end)}, more than ${STALE_AFTER_BARS} bars before ${isoTime(asOf)}`;
    return { agent, cost, status: 'stop', reason: 'market_data_stale', message, output };
  }
  if (closed.length < barsRequired) {
    const message = `${ticker} has ${closed.length} closed bars, but ${barsRequired} are required`;
    return { agent, cost, status: 'stop', reason: 'insufficient_history', message, output };
  }
  return { agent, cost, status: 'continue', output };
}

/** The bars that had closed at a time. Later bars are the future. */
function closedBars(bars: readonly Bar[], asOf: number): readonly Bar[] {
  const last = bars.at(-1);
  return last === undefined || last.end <= asOf ? bars : bars.filter((bar) => bar.end <= asOf);
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
