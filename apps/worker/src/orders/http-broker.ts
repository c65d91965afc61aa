import type { OrderIntent } from '@tripline/trading';
import { z } from 'zod';

import { type Broker, type BrokerAnswer, BrokerUnavailableError, type OrderContext } from './broker';

export interface HttpBrokerOptions {
  /** `POST <url>/orders`, `GET <url>/orders/<client order id>`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Until the whole answer is there, ms. */
  readonly timeoutMs: number;
  readonly fetch?: typeof fetch;
}

/** Far more than an order needs. */
const MAX_ANSWER_BYTES = 64 * 1024;
const REASON_LENGTH = 200;

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

/** A broker behind HTTP. An answer that is late, too large or not understood is none: the caller asks again by id. */
export function createHttpBroker(options: HttpBrokerOptions): Broker {
  const base = options.url.replace(/\/+$/, '');
  const ask = createClient(options);
  return {
    answersWithinMs: options.timeoutMs,
    submit: async (intent, context) => {
      const { status, body } = await ask(`${base}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': intent.clientOrderId },
        body: JSON.stringify(orderBody(intent, context)),
      });
      // 409: it has the order already, and says what became of it. 410: it came after its time and was not taken.
      if (status === 410) throw new BrokerUnavailableError('the order came too late');
      if (status >= 500 || (status >= 300 && status < 400)) throw new BrokerUnavailableError(`status ${status}`);
      return answerOf(body, intent.clientOrderId);
    },
    find: async (clientOrderId) => {
      const { status, body } = await ask(`${base}/orders/${encodeURIComponent(clientOrderId)}`, { method: 'GET' });
      if (status === 404) return null;
      if (status !== 200) throw new BrokerUnavailableError(`status ${status}`);
      return answerOf(body, clientOrderId);
    },
  };
}

type Ask = (url: string, init: RequestInit) => Promise<{ status: number; body: string }>;

function createClient({ token, timeoutMs, fetch: send = fetch }: HttpBrokerOptions): Ask {
  return async (url, init) => {
    const headers = { ...init.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await send(url, { ...init, headers, signal, redirect: 'manual' });
      return { status: response.status, body: await readBounded(response) };
    } catch (error) {
      if (error instanceof BrokerUnavailableError) throw error;
      throw new BrokerUnavailableError('the broker did not answer', { cause: error });
    }
  };
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

/** What is sent: decimals as strings, times as ISO 8601. */
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

function answerOf(body: string, clientOrderId: string): BrokerAnswer {
  const parsed = answerSchema.safeParse(parseJson(body));
  if (!parsed.success) throw new BrokerUnavailableError('the answer is not one of an order', { cause: parsed.error });
  const answer = parsed.data;
  if (answer.client_order_id !== clientOrderId) throw new BrokerUnavailableError('the answer is about another order');
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
    throw new BrokerUnavailableError('the answer is not JSON', { cause: error });
  }
}
