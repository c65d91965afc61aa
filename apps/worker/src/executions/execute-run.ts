import {
  acceptOrder,
  applyFillToOrder,
  type DecimalString,
  type FeeModel,
  type Fill,
  fillMarketOrder,
  type Order,
  type OrderIntent,
} from '@tripline/domain';
import type {
  ClaimedExecution,
  ExecutionStore,
  FinalStatus,
  StepRecord,
  SubmissionResult,
} from '@tripline/persistence';
import { failpoint } from '@tripline/runtime';

import type { BarSource } from '../market-data/bar-source';
import { type AgentPlan, memoisedPlan, runAgents } from './run-agents';

export interface ExecuteRunOptions {
  readonly store: Pick<ExecutionStore, 'checkpoint' | 'finish' | 'submitToPaperBroker'>;
  readonly bars: BarSource;
  readonly feeModel: FeeModel;
  readonly monotonicMs: () => number;
}

/** How a run ended, for metrics and the log. */
export interface RunResult {
  readonly status: FinalStatus;
  readonly stopReason: string | null;
  readonly steps: readonly StepRecord[];
  /** USD. */
  readonly cost: DecimalString;
  readonly order: Order | null;
  readonly fill: Fill | null;
  readonly submission: SubmissionResult | null;
}

/**
 * Runs the agents of a claimed execution and, when they want a trade, sends the order to the paper broker.
 *
 * A run that stops early is one write: steps and final status. A run with an order is two: steps and intent are committed
 * before anything is submitted, then order, fill, position, cash and final status together. On a second attempt what is
 * stored wins: the agents are not asked again.
 * @throws LeaseLostError when another worker owns the run by now; nothing of it was written then
 */
export async function executeRun(
  run: ClaimedExecution,
  abort: AbortSignal,
  options: ExecuteRunOptions,
): Promise<RunResult> {
  const plan = memoisedPlan(run) ?? runAgents(run, options.bars, options.monotonicMs);
  await failpoint('W3');
  abort.throwIfAborted();
  const { executionId, leaseToken } = run;
  if (plan.intent === null) {
    const ending = { status: 'completed' as const, stopReason: plan.stopReason, cost: plan.cost };
    await options.store.finish({
      executionId,
      leaseToken,
      ...ending,
      result: summaryOf(plan, null),
      steps: plan.steps,
    });
    return { ...ending, steps: plan.steps, order: null, fill: null, submission: null };
  }
  const held = await options.store.checkpoint({ executionId, leaseToken, steps: plan.steps, intent: plan.intent });
  await failpoint('W4');
  abort.throwIfAborted();
  return submit(run, plan, held?.intent ?? plan.intent, options);
}

async function submit(
  run: ClaimedExecution,
  plan: AgentPlan,
  intent: OrderIntent,
  options: ExecuteRunOptions,
): Promise<RunResult> {
  const { order, fill } = fillAtNextBar(intent, options);
  const ending = { status: 'completed' as const, stopReason: null, cost: plan.cost };
  const submission = await options.store.submitToPaperBroker({
    executionId: run.executionId,
    leaseToken: run.leaseToken,
    ...ending,
    result: summaryOf(plan, order),
    pipelineId: run.pipelineId,
    order,
    fill,
    account: run.account,
    positions: run.positions,
  });
  await failpoint('W6');
  return { ...ending, steps: plan.steps, order, fill, submission };
}

/** Fills at the open of the first bar after the trigger; without such a bar the order rests until there is one. */
function fillAtNextBar(
  intent: OrderIntent,
  { bars, feeModel }: ExecuteRunOptions,
): { order: Order; fill: Fill | null } {
  const accepted = acceptOrder(intent);
  const nextBar = bars.readerFor(intent.ticker)?.nextAfter(intent.occurredAt) ?? null;
  const fill = nextBar === null ? null : fillMarketOrder(accepted, nextBar, feeModel);
  return { order: fill === null ? accepted : applyFillToOrder(accepted, fill), fill };
}

/** What the execution's row says at a glance; the details are in its steps and order. */
function summaryOf(plan: AgentPlan, order: Order | null): Record<string, unknown> {
  if (order === null) return { traded: false, reason: plan.stopReason, message: plan.stopMessage };
  return {
    traded: order.status === 'filled',
    client_order_id: order.clientOrderId,
    side: order.side,
    quantity: order.quantity,
    order_status: order.status,
    average_fill_price: order.averageFillPrice,
  };
}
