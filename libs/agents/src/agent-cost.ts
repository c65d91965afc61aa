import { type DecimalString, Money } from '@tripline/trading';
import type { AgentType } from '@tripline/triggers';

/** Decimals of a cost. Finer than cents, because one invocation costs millionths of a dollar. */
export const COST_DECIMALS = 8;

interface AgentRate {
  /** USD per invocation of the agent. */
  readonly perRun: DecimalString;
  /** USD per bar it reads. */
  readonly perBar: DecimalString;
}

/**
 * What an agent costs, USD. The agents are plain code, so this is compute and data: an invocation counts as 0.1 s of a
 * virtual CPU at 0.04 USD an hour (1.1e-6, rounded); reading a bar as a tenth of a cent per 10,000 bars of market data;
 * processing a bar that is already loaded as a tenth of that. An agent that calls a paid service gets its own rate
 * here.
 */
export const AGENT_RATES: Readonly<Record<AgentType, AgentRate>> = {
  market_data: { perRun: '0.000001', perBar: '0.0000001' },
  bias: { perRun: '0.000001', perBar: '0.00000001' },
  strategy: { perRun: '0.000001', perBar: '0.00000001' },
  risk_manager: { perRun: '0.000001', perBar: '0' },
  order_manager: { perRun: '0.000001', perBar: '0' },
};

/** Cost of one invocation of an agent that processed `bars` bars, USD, rounded half-up to 8 decimals. */
export function costOf(agent: AgentType, bars: number): DecimalString {
  const rate = AGENT_RATES[agent];
  return Money.of(rate.perBar).times(bars).plus(Money.of(rate.perRun)).toString(COST_DECIMALS);
}

/** Sum of costs, USD. */
export function totalCost(costs: Iterable<DecimalString>): DecimalString {
  let total = Money.ZERO;
  for (const cost of costs) total = total.plus(Money.of(cost));
  return total.toString(COST_DECIMALS);
}
