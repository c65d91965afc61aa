import type { OrderIntent } from '@tripline/trading';
import { AGENT_TYPES } from '@tripline/triggers';
import { costOf } from './agent-cost';
import type { AgentContinue, OrderManagerOutput, RiskManagerOutput, StrategyOutput } from './agent-result';

/** Step number of the order manager, from 1. It is part of every client order id. */
export const ORDER_STEP = AGENT_TYPES.indexOf('order_manager') + 1;

export interface OrderManagerInput {
  readonly executionId: string;
  readonly ticker: string;
  /** Event time of the trigger, epoch ms. */
  readonly occurredAt: number;
  readonly plan: StrategyOutput;
  readonly sizing: RiskManagerOutput;
}

/**
 * Turns the sized plan into one MARKET order intent. Its client order id is a pure function of the execution, so a
 * retried execution cannot create a second order. Stop and target are recorded with it; an order that only closes a
 * position has neither.
 */
export function planOrder(input: OrderManagerInput): AgentContinue<OrderManagerOutput> {
  const { executionId, ticker, occurredAt, plan, sizing } = input;
  const closes = sizing.action === 'close';
  const intent: OrderIntent = {
    clientOrderId: clientOrderIdOf(executionId, ORDER_STEP, 1),
    executionId,
    ticker,
    side: sizing.side,
    type: 'MARKET',
    quantity: sizing.quantity,
    referencePrice: plan.entryPrice,
    stopPrice: closes ? null : plan.stopPrice,
    targetPrice: closes ? null : plan.targetPrice,
    occurredAt,
  };
  return { agent: 'order_manager', cost: costOf('order_manager', 0), status: 'continue', output: { intent } };
}

/** `<executionId>-<step>-<leg>`; a leg is one order of a step, from 1. */
export function clientOrderIdOf(executionId: string, step: number, leg: number): string {
  return `${executionId}-${step}-${leg}`;
}
