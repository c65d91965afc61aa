import type { OrderIntent } from '@tripline/trading';
import { z } from 'zod';

import {
  type Broker,
  type BrokerAnswer,
  BrokerCredentialsError,
  BrokerRateLimitedError,
  BrokerUnavailableError,
  type OrderContext,
} from './broker';

export interface HttpBrokerOptions {
  /** `POST <url>/orders`, `GET <url>/orders/<client order id>`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Time limit for the complete answer, ms. */
  readonly timeoutMs: number;
  readonly fetch?: typeof fetch;
  /** Epoch ms. */
  readonly now?: () => number;
  /** Called after every request that was sent; must not throw. */
  readonly onRequest?: (outcome: BrokerRequestOutcome) => void;
}

/** How a request to the broker ended; the closed value set of a metric label. `no_answer`: the outcome is unknown. */
export type BrokerRequestOutcome = 'answered' | 'credentials_refused' | 'rate_limited' | 'no_answer';

/** Far more than an answer about an order needs. */
const MAX_ANSWER_BYTES = 64 * 1024;
const REASON_LENGTH = 200;
const DEFAULT_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 3_600_000;
const CREDENTIALS_PAUSE_MS = 30_000;

const amount = z.string().regex(/^\d{1,30}(\.\d{1,18})?$/, 'must be a plain decimal');
const answerSchema = z.discriminatedUnion('status', [
  z.object({ client_order_id: z.string(), status: z.literal('accepted') }),
  z.object({ client_order_id: z.string(), status: z.literal('rejected'), reason: z.string().default('rejected') }),
  z.object({
    client_order_id: z.string(),
    status: z.literal('filled'),
    price: amount.refine((price) => Number(price) > 0, 'must be above 0'),
    fee: amount.default('0'),
    filled_at: z.iso.datetime({ offset: true }),
  }),
]);

/**
 * A broker with an HTTP API. Each status has one meaning (docs/broker.md). An answer that is late, too large or invalid counts
 * as no answer: the caller looks the order up by id.
 */
export function createHttpBroker(options: HttpBrokerOptions): Broker {
  const base = options.url.replace(/\/+$/, '');
  const ask = withRateLimit(createClient(options), options);
  const find: Broker['find'] = async (clientOrderId) => {
    const { status, body } = await ask(`${base}/orders/${encodeURIComponent(clientOrderId)}`, { method: 'GET' });
    if (status === 404) return null;
    if (status !== 200) throw new BrokerUnavailableError(`status ${status}`);
    return answerOf(body, clientOrderId);
  };
  const submit: Broker['submit'] = async (intent, context) => {
    const { clientOrderId } = intent;
    const { status, body } = await ask(`${base}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': clientOrderId },
      body: JSON.stringify(orderBody(intent, context)),
    });
    if (status < 300) return answerOf(body, clientOrderId);
    // Rejected by the venue, with or without a reason.
    if (status === 400 || status === 422) return parseAnswer(body, clientOrderId) ?? rejectedWith(status);
    if (status === 409) return parseAnswer(body, clientOrderId) ?? (await lookUp(clientOrderId));
    if (status === 410) throw new BrokerUnavailableError('the order reached the broker too late');
    throw new BrokerUnavailableError(`status ${status}`);
  };
  /** The broker says that it already has this id. */
  const lookUp = async (clientOrderId: string): Promise<BrokerAnswer> => {
    const known = await find(clientOrderId);
    if (known === null)
      throw new BrokerUnavailableError('the broker reported a duplicate order id but does not find the order');
    return known;
  };
  return { answersWithinMs: options.timeoutMs, submit, find };
}

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}
type Ask = (url: string, init: RequestInit) => Promise<HttpAnswer>;

function createClient({ token, timeoutMs, fetch: send = fetch }: HttpBrokerOptions): Ask {
  return async (url, init) => {
    const headers = { ...init.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await send(url, { ...init, headers, signal, redirect: 'manual' });
      const { status } = response;
      return { status, body: await readBounded(response), retryAfter: response.headers.get('retry-after') };
    } catch (error) {
      if (error instanceof BrokerUnavailableError) throw error;
      throw new BrokerUnavailableError('the broker did not answer', { cause: error });
    }
  };
}

/**
 * Reports every outcome and turns rejected credentials and 429 into errors. Sends nothing during a pause that the broker asked
 * for, or for half a minute after it rejected our credentials: brokers lock accounts that keep trying.
 */
function withRateLimit(ask: Ask, options: HttpBrokerOptions): Ask {
  const { now = Date.now, onRequest = () => undefined } = options;
  let closedUntil = 0;
  let refusedStatus: number | null = null;
  return async (url, init) => {
    const leftMs = closedUntil - now();
    if (leftMs > 0) {
      throw refusedStatus === null ? new BrokerRateLimitedError(leftMs) : new BrokerCredentialsError(refusedStatus);
    }
    const answer = await ask(url, init).catch((error: unknown) => {
      onRequest('no_answer');
      throw error;
    });
    const { status } = answer;
    onRequest(outcomeOf(status));
    refusedStatus = status === 401 || status === 403 ? status : null;
    if (refusedStatus !== null) {
      closedUntil = now() + CREDENTIALS_PAUSE_MS;
      throw new BrokerCredentialsError(refusedStatus);
    }
    if (status !== 429) return answer;
    const pauseMs = retryAfterMs(answer.retryAfter, now());
    closedUntil = now() + pauseMs;
    throw new BrokerRateLimitedError(pauseMs);
  };
}

function outcomeOf(status: number): BrokerRequestOutcome {
  if (status === 401 || status === 403) return 'credentials_refused';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'no_answer' : 'answered';
}

/** Retry-After is a number of seconds or a date (RFC 9110). Defaults to one second when missing or invalid. At least 1 ms. */
function retryAfterMs(value: string | null, now: number): number {
  const text = value?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  if (Number.isNaN(ms)) return DEFAULT_PAUSE_MS;
  return Math.min(Math.max(ms, 1), MAX_PAUSE_MS);
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES)
      throw new BrokerUnavailableError(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The request body: decimals as strings, times as ISO 8601. */
function orderBody(intent: OrderIntent, context: OrderContext): Readonly<Record<string, unknown>> {
  return {
    client_order_id: intent.clientOrderId,
    venue: context.venue,
    ticker: intent.ticker,
    side: intent.side,
    type: intent.type,
    quantity: intent.quantity,
    reference_price: intent.referencePrice,
    stop_price: intent.stopPrice,
    target_price: intent.targetPrice,
    occurred_at: new Date(intent.occurredAt).toISOString(),
    valid_until: new Date(context.validUntil).toISOString(),
    metadata: { execution_id: context.executionId, pipeline_id: context.pipelineId, trace_id: context.traceId },
  };
}

function rejectedWith(status: number): BrokerAnswer {
  return { status: 'rejected', reason: `rejected by the venue (status ${status})` };
}

/** Undefined: the body does not describe an order. */
function parseAnswer(body: string, clientOrderId: string): BrokerAnswer | undefined {
  try {
    return answerOf(body, clientOrderId);
  } catch (error) {
    if (error instanceof BrokerUnavailableError) return undefined;
    throw error;
  }
}

function answerOf(body: string, clientOrderId: string): BrokerAnswer {
  const parsed = answerSchema.safeParse(parseJson(body));
  if (!parsed.success)
    throw new BrokerUnavailableError('the answer does not describe an order', { cause: parsed.error });
  const answer = parsed.data;
  if (answer.client_order_id !== clientOrderId) throw new BrokerUnavailableError('the answer describes another order');
  switch (answer.status) {
    case 'accepted':
      return { status: 'accepted' };
    case 'rejected':
      return { status: 'rejected', reason: answer.reason.slice(0, REASON_LENGTH) };
    case 'filled':
      return { status: 'filled', price: answer.price, fee: answer.fee, filledAt: Date.parse(answer.filled_at) };
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new BrokerUnavailableError('the answer is not valid JSON', { cause: error });
  }
}
