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
  /** Least that must be left of the lease when an order is sent: longer than the broker may take to answer, ms. */
  readonly leaseForOrderMs: number;
}

/** With a refusal nothing was sent. */
export type Sent =
  | { readonly denial: ExecutionDenial; readonly result: null }
  | { readonly denial: null; readonly result: BrokerResult };

/** Tries under one lease when the broker asks for a pause; then the execution goes back to the queue. */
const MAX_SENDS = 4;
/** Longer pauses are not waited for within an execution, ms. */
const MAX_PAUSE_MS = 30_000;

/** Version, trace id, parent id and flags of a W3C traceparent. */
const TRACE_ID = /^[\da-f]{2}-([\da-f]{32})-/;

/**
 * Sends an order to a broker that is not ours, once, whatever crashes: the intent is committed first and wins over any later
 * answer of the agents; once it is committed as `submitted` the broker may have the order, so a later attempt asks for it by
 * its client order id before it sends anything again. What the broker does not know it may still be about to get, from a process
 * that stood still or a slow link: an order is sent again only when the broker refuses the earlier submission as too late.
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

/** A pause ends with a new look at the earlier submission and at the gates: the signal ages while the broker makes us wait. */
async function sendOnce(
  run: ClaimedExecution,
  plan: AgentPlan,
  wanted: OrderIntent,
  options: SendOptions,
): Promise<Sent> {
  const { broker, lease, store } = options;
  const known = run.intent?.state === 'submitted' ? await findEarlier(run.intent, options) : null;
  if (known !== null) return sent(wanted, known);
  // Not there, and never will be: the order must pass the gates as they are now.
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

/** The order of an earlier attempt; null when the broker does not have it and will not take it any more. */
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
