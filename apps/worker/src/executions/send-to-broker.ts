import type { OrderIntent } from '@tripline/trading';
import type { ExecutionDenial } from '@tripline/triggers';
import type { ClaimedExecution, ExecutionStore, IntentRecord } from '@tripline/execution-store';
import { failpoint } from '@tripline/failpoints';

import {
  type Broker,
  type BrokerAnswer,
  BrokerRateLimitedError,
  type BrokerResult,
  CLOCK_TOLERANCE_MS,
} from '../orders/broker';
import { resultOfAnswer } from '../orders/broker-result';
import type { HeldLease } from './lease-keeper';
import type { AgentPlan } from './run-agents';

export interface SendOptions {
  readonly store: Pick<ExecutionStore, 'checkpoint'>;
  readonly broker: Broker;
  readonly lease: HeldLease;
  /** Lease time that must be left when an order is sent: longer than the broker may take to answer, ms. */
  readonly leaseForOrderMs: number;
}

/** With a denial, nothing was sent. */
export type Sent =
  | { readonly denial: ExecutionDenial; readonly result: null }
  | { readonly denial: null; readonly result: BrokerResult };

/** Tries under one lease when the broker asks for a pause; after them the execution goes back to the queue. */
const MAX_SENDS = 4;
/** Longest pause that an execution waits for, ms. */
const MAX_PAUSE_MS = 30_000;

/** Version, trace id, parent id and flags of a W3C traceparent. */
const TRACE_ID = /^[\da-f]{2}-([\da-f]{32})-/;

/**
 * Sends an order to an external broker exactly once, despite crashes. The intent is committed first and wins over any later
 * answer of the agents. Once it is committed as `submitted`, the broker may have the order, so a later attempt looks it up by
 * its client order id before it sends anything. A broker that does not know the order may still receive it, from a paused
 * process or over a slow link. So the order is sent again only when the broker would reject the earlier submission as too late.
 */
export async function sendToBroker(
  run: ClaimedExecution,
  plan: AgentPlan,
  wanted: OrderIntent,
  options: SendOptions,
): Promise<Sent> {
  const { lease } = options;
  for (let send = 1; ; send += 1) {
    try {
      return await sendOnce(run, plan, wanted, options);
    } catch (error) {
      if (!(error instanceof BrokerRateLimitedError)) throw error;
      if (send >= MAX_SENDS || error.retryAfterMs > MAX_PAUSE_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
      lease.throwIfLost();
    }
  }
}

/** After a pause, checks the earlier submission and the gates again, because the signal ages during the wait. */
async function sendOnce(
  run: ClaimedExecution,
  plan: AgentPlan,
  wanted: OrderIntent,
  options: SendOptions,
): Promise<Sent> {
  const { broker, lease, store } = options;
  const known = run.intent?.state === 'submitted' ? await findEarlier(run.intent, options) : null;
  if (known !== null) return sent(wanted, known);
  // The order is not at the broker and never will be: it must pass the gates as they are now.
  const { executionId, leaseToken } = run;
  const guard = { venue: run.pipeline.venue, freshUntil: run.freshUntil };
  const held = await store.checkpoint({ executionId, leaseToken, steps: plan.steps, intent: wanted, guard });
  if (held.denial !== null) return { denial: held.denial, result: null };
  await failpoint('before-order-send');
  await lease.ensure(options.leaseForOrderMs);
  const { intent, submittedAt } = held.intent;
  const answer = await broker.submit(intent, {
    executionId,
    pipelineId: run.pipelineId,
    venue: run.pipeline.venue,
    traceId: TRACE_ID.exec(run.traceparent ?? '')?.[1] ?? null,
    validUntil: submittedAt + broker.answersWithinMs,
  });
  await failpoint('after-order-send');
  lease.throwIfLost();
  return sent(intent, answer);
}

/** The order of an earlier attempt; null when the broker does not have it and will no longer accept it. */
async function findEarlier(
  { intent, ageMs }: IntentRecord,
  { broker, lease }: SendOptions,
): Promise<BrokerAnswer | null> {
  const { clientOrderId } = intent;
  const known = await broker.find(clientOrderId);
  const leftMs = broker.answersWithinMs + CLOCK_TOLERANCE_MS - ageMs;
  if (known !== null || leftMs <= 0) return known;
  await new Promise((resolve) => setTimeout(resolve, leftMs));
  lease.throwIfLost();
  return broker.find(clientOrderId);
}

function sent(intent: OrderIntent, answer: BrokerAnswer): Sent {
  return { denial: null, result: resultOfAnswer(intent, answer) };
}
