import type { DecimalString, FeeModel, Fill, Order } from '@tripline/trading';
import type {
  ClaimedExecution,
  EndingResult,
  ExecutionStore,
  FinalStatus,
  StepRecord,
} from '@tripline/execution-store';
import { failpoint } from '@tripline/failpoints';

import type { BarSource } from '../market-data/bar-source';
import { BrokerCredentialsError, type BrokerResult, type VenueOf } from '../orders/broker';
import { fillOnPaper } from '../orders/broker-result';
import type { HeldLease } from './lease-keeper';
import { type AgentPlan, memoisedPlan, runAgents } from './run-agents';
import { sendToBroker } from './send-to-broker';

export interface ExecuteRunOptions {
  readonly store: Pick<ExecutionStore, 'checkpoint' | 'finish' | 'finishWithOrder'>;
  readonly bars: BarSource;
  readonly feeModel: FeeModel;
  readonly venueOf: VenueOf;
  /** See `SendOptions`. */
  readonly leaseForOrderMs: number;
  readonly monotonicMs: () => number;
}

/** How an execution ended, for metrics and the log. */
export interface RunResult {
  readonly status: FinalStatus;
  readonly stopReason: string | null;
  readonly steps: readonly StepRecord[];
  /** USD. */
  readonly cost: DecimalString;
  readonly order: Order | null;
  readonly fill: Fill | null;
  readonly ending: EndingResult;
}

/**
 * Runs the agents of a claimed execution. When they want a trade, sends the order to the venue's broker.
 *
 * Whatever the outcome, an execution is one write: steps, intent, order, fill, position, cash and final status together. Only an
 * order for an external broker needs an earlier write: steps and intent are committed before it is sent. On a second attempt the
 * stored steps and intent win: the agents are not asked again.
 * @throws LeaseLostError when another worker owns the execution now; in that case nothing was written
 */
export async function executeRun(
  run: ClaimedExecution,
  lease: HeldLease,
  options: ExecuteRunOptions,
): Promise<RunResult> {
  const plan = memoisedPlan(run) ?? runAgents(run, options.bars, options.monotonicMs);
  await failpoint('after-agents');
  lease.throwIfLost();
  const { intent } = plan;
  if (intent === null) return endWithoutOrder(run, plan, 'completed', plan.stopReason, lease, options);
  const venue = options.venueOf(run.pipeline.venue);
  if (venue === undefined) return endWithoutOrder(run, plan, 'skipped', 'venue_not_configured', lease, options);
  if (venue.kind === 'internal') {
    await failpoint('before-order-send');
    return endWithOrder(
      run,
      plan,
      { ...fillOnPaper(intent, options.bars, options.feeModel), isChecked: true },
      lease,
      options,
    );
  }
  const sent = await sendToBroker(run, plan, intent, { ...options, ...venue, lease }).catch((error: unknown) => {
    if (error instanceof BrokerCredentialsError) return error;
    throw error;
  });
  // Another attempt would be rejected as well. The reconciler asks for the order once the credentials work again.
  if (sent instanceof BrokerCredentialsError) return endWithoutOrder(run, plan, 'failed', sent.code, lease, options);
  if (sent.denial !== null) return endWithoutOrder(run, plan, 'skipped', sent.denial, lease, options);
  return endWithOrder(run, plan, { ...sent.result, isChecked: false }, lease, options);
}

async function endWithoutOrder(
  run: ClaimedExecution,
  plan: AgentPlan,
  status: 'completed' | 'skipped' | 'failed',
  stopReason: string | null,
  lease: HeldLease,
  { store }: ExecuteRunOptions,
): Promise<RunResult> {
  const ended = { status, stopReason, cost: plan.cost };
  lease.beginEnding();
  const ending = await store.finish({
    executionId: run.executionId,
    leaseToken: run.leaseToken,
    ...ended,
    result: { traded: false, reason: stopReason, message: plan.stopMessage },
    steps: stepsToStore(run, plan),
    hasIntent: run.intent !== null,
  });
  return { ...ended, steps: plan.steps, order: null, fill: null, ending };
}

async function endWithOrder(
  run: ClaimedExecution,
  plan: AgentPlan,
  { order, fill, reason, isChecked }: BrokerResult & { readonly isChecked: boolean },
  lease: HeldLease,
  { store }: ExecuteRunOptions,
): Promise<RunResult> {
  lease.beginEnding();
  const ending = await store.finishWithOrder({
    executionId: run.executionId,
    leaseToken: run.leaseToken,
    pipelineId: run.pipelineId,
    status: 'completed',
    stopReason: null,
    cost: plan.cost,
    result: summaryOf(order),
    steps: stepsToStore(run, plan),
    hasIntent: run.intent !== null,
    order,
    fill,
    orderReason: reason,
    venue: run.pipeline.venue,
    isChecked,
    freshUntil: run.freshUntil,
    account: run.account,
    positions: run.positions,
  });
  await failpoint('after-order-result');
  const { steps, cost } = plan;
  if (ending.denial !== null) {
    return { status: 'skipped', stopReason: ending.denial, steps, cost, order: null, fill: null, ending };
  }
  return { status: 'completed', stopReason: null, steps, cost, order, fill, ending };
}

/** Empty when an earlier attempt stored them. */
function stepsToStore(run: ClaimedExecution, plan: AgentPlan): readonly StepRecord[] {
  return plan.steps === run.steps ? [] : plan.steps;
}

/** The summary on the execution's row; the details are in its steps and order. */
function summaryOf(order: Order): Record<string, unknown> {
  return {
    traded: order.status === 'filled',
    client_order_id: order.clientOrderId,
    side: order.side,
    quantity: order.quantity,
    order_status: order.status,
    average_fill_price: order.averageFillPrice,
  };
}
