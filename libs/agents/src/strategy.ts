import type { Bar } from '@tripline/market';
import { Atr } from '@tripline/indicators';
import { PRICE_DECIMALS, toDecimal, toDecimalString } from '@tripline/trading';
import type { AgentSettings } from '@tripline/triggers';
import { costOf } from './agent-cost';
import type { AgentResult, StrategyOutput } from './agent-result';

export interface StrategyInput {
  readonly settings: AgentSettings;
  /** Closed bars as of the event time, oldest first. */
  readonly bars: readonly Bar[];
  readonly bias: StrategyOutput['side'];
}

/**
 * Plans the levels of a trade: entry at the last close, stop a multiple of the ATR (Wilder) away, target a multiple of
 * that risk on the other side. Levels are rounded half-up to 8 decimals. Stops with `no_volatility` when the ATR is 0
 * or not warm, and with `levels_not_positive` when a level would be 0 or less.
 */
export function runStrategy({ settings, bars, bias }: StrategyInput): AgentResult<StrategyOutput> {
  const agent = 'strategy';
  const cost = costOf(agent, bars.length);
  const { atrPeriod, stopAtrMultiple, targetRiskMultiple } = settings.strategy;
  const atr = lastAtr(bars, atrPeriod);
  const last = bars.at(-1);
  if (last === undefined || atr === null || atr <= 0) {
    const message = `the average true range over ${atrPeriod} bars is ${atr === null ? 'not known' : '0'}, no stop can be placed`;
    return { agent, cost, status: 'stop', reason: 'no_volatility', message, output: null };
  }
  const entry = toDecimal(last.close);
  const distance = toDecimal(atr).times(stopAtrMultiple).toDecimalPlaces(PRICE_DECIMALS);
  const sign = bias === 'LONG' ? 1 : -1;
  const stop = entry.minus(distance.times(sign));
  const target = entry.plus(distance.times(targetRiskMultiple).times(sign));
  const output: StrategyOutput = {
    side: bias,
    entryPrice: toDecimalString(entry),
    stopPrice: toDecimalString(stop, PRICE_DECIMALS),
    targetPrice: toDecimalString(target, PRICE_DECIMALS),
    stopDistance: toDecimalString(distance),
    atr,
  };
  if (entry.lte(0) || stop.lte(0) || target.lte(0) || distance.isZero()) {
    const message = `entry ${output.entryPrice}, stop ${output.stopPrice} and target ${output.targetPrice} must all be above 0`;
    return { agent, cost, status: 'stop', reason: 'levels_not_positive', message, output };
  }
  return { agent, cost, status: 'continue', output };
}

function lastAtr(bars: readonly Bar[], period: number): number | null {
  const indicator = new Atr(period);
  let value: number | null = null;
  for (const bar of bars) value = indicator.update(bar);
  return value;
}
