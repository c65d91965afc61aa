import type { OrderIntent } from '@tripline/trading';

import { BrokerCredentialsError, BrokerRateLimitedError, BrokerUnavailableError } from './broker';
import { createHttpBroker } from './http-broker';

const intent: OrderIntent = {
  clientOrderId: 'e1-5-1',
  executionId: 'e1',
  ticker: 'AAPL',
  side: 'BUY',
  type: 'MARKET',
  quantity: '10',
  referencePrice: '100.5',
  stopPrice: null,
  targetPrice: null,
  occurredAt: Date.UTC(2024, 0, 2),
};
const context = {
  ...{ executionId: 'e1', pipelineId: 'p1', venue: 'alpha', traceId: 'ab'.repeat(16) },
  validUntil: Date.UTC(2024, 0, 3, 0, 0, 5),
};
const FILLED = {
  client_order_id: 'e1-5-1',
  status: 'filled',
  price: '101.25',
  fee: '1',
  filled_at: '2024-01-03T00:00:00Z',
};

/** A broker that answers every request with `answer`. */
function createHarness(answer: (url: string, init: RequestInit) => Response | Promise<Response>) {
  const requests: { url: string; init: RequestInit }[] = [];
  const outcomes: string[] = [];
  const clock = { now: Date.UTC(2024, 0, 3) };
  const broker = createHttpBroker({
    url: 'http://broker.test/v1/',
    token: 'secret',
    timeoutMs: 50,
    now: () => clock.now,
    onRequest: (outcome) => outcomes.push(outcome),
    fetch: async (url, init = {}) => {
      requests.push({ url: String(url), init });
      return Promise.resolve(answer(String(url), init));
    },
  });
  return { broker, requests, outcomes, clock };
}

describe('createHttpBroker', () => {
  it('sends an order with its id as the idempotency key and its trace, and reads a fill', async () => {
    const { broker, requests } = createHarness(() => Response.json(FILLED, { status: 201 }));
    expect(await broker.submit(intent, context)).toEqual({
      status: 'filled',
      price: '101.25',
      fee: '1',
      filledAt: Date.UTC(2024, 0, 3),
    });
    expect(requests[0]?.url).toBe('http://broker.test/v1/orders');
    expect(requests[0]?.init.headers).toMatchObject({ 'idempotency-key': 'e1-5-1', authorization: 'Bearer secret' });
    expect(JSON.parse(String(requests[0]?.init.body))).toMatchObject({
      client_order_id: 'e1-5-1',
      quantity: '10',
      valid_until: '2024-01-03T00:00:05.000Z',
      metadata: { execution_id: 'e1', pipeline_id: 'p1', trace_id: 'ab'.repeat(16) },
    });
  });

  it.each([
    ['rejected', { client_order_id: 'e1-5-1', status: 'rejected', reason: 'no cash' }, 422],
    ['accepted', { client_order_id: 'e1-5-1', status: 'accepted' }, 200],
    ['filled', FILLED, 409],
  ])('accepts %s as an answer', async (status, body, code) => {
    const { broker } = createHarness(() => Response.json(body, { status: code }));
    expect(await broker.submit(intent, context)).toMatchObject({ status });
  });

  it('finds an order by id, or reports that the broker has none', async () => {
    const { broker, requests } = createHarness((url) =>
      url.endsWith('e1-5-1') ? Response.json(FILLED) : new Response('', { status: 404 }),
    );
    expect(await broker.find('e1-5-1')).toMatchObject({ status: 'filled' });
    expect(await broker.find('a/b')).toBeNull();
    expect(requests[1]?.url).toBe('http://broker.test/v1/orders/a%2Fb');
  });

  it.each([
    ['a server error', () => new Response('', { status: 503 })],
    ['a redirect', () => new Response('', { status: 302, headers: { location: 'http://elsewhere.test' } })],
    ['invalid JSON', () => new Response('<html>')],
    ['another order', () => Response.json({ ...FILLED, client_order_id: 'e2-5-1' })],
    ['an invalid price', () => Response.json({ ...FILLED, price: 'NaN' })],
    ['an unknown status', () => Response.json({ client_order_id: 'e1-5-1', status: 'maybe' })],
    ['an endless body', () => new Response('x'.repeat(70_000))],
    ['a broken connection', () => Promise.reject(new TypeError('fetch failed'))],
  ])('treats %s as no answer', async (_case, answer) => {
    const { broker } = createHarness(answer);
    await expect(broker.submit(intent, context)).rejects.toBeInstanceOf(BrokerUnavailableError);
    await expect(broker.find('e1-5-1')).rejects.toBeInstanceOf(BrokerUnavailableError);
  });

  it.each([401, 403])('treats %i as rejected credentials, not as an outage', async (status) => {
    const { broker, outcomes, requests, clock } = createHarness(() => new Response('', { status }));
    await expect(broker.submit(intent, context)).rejects.toBeInstanceOf(BrokerCredentialsError);
    expect(outcomes).toEqual(['credentials_refused']);
    // Nothing is sent to the broker for half a minute.
    await expect(broker.find('e1-5-1')).rejects.toBeInstanceOf(BrokerCredentialsError);
    expect(requests).toHaveLength(1);
    clock.now += 30_000;
    await expect(broker.find('e1-5-1')).rejects.toBeInstanceOf(BrokerCredentialsError);
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['3', 3_000],
    ['Wed, 03 Jan 2024 00:00:10 GMT', 10_000],
    ['soon', 1_000],
    [null, 1_000],
    ['0', 1],
  ])('sends nothing until the pause of a 429 is over (Retry-After: %s)', async (retryAfter, pauseMs) => {
    const headers = retryAfter === null ? undefined : { 'retry-after': retryAfter };
    let isLimited = true;
    const { broker, requests, clock } = createHarness(() =>
      isLimited ? new Response('', { status: 429, ...(headers ? { headers } : {}) }) : Response.json(FILLED),
    );
    const limited = expect.objectContaining({ name: 'BrokerRateLimitedError', retryAfterMs: pauseMs }) as unknown;
    await expect(broker.submit(intent, context)).rejects.toEqual(limited);
    isLimited = false;
    clock.now += pauseMs - 1;
    await expect(broker.find('e1-5-1')).rejects.toBeInstanceOf(BrokerRateLimitedError);
    expect(requests).toHaveLength(1);
    clock.now += 1;
    expect(await broker.submit(intent, context)).toMatchObject({ status: 'filled' });
  });

  it.each([400, 422])('treats %i without an order in the body as a rejection', async (status) => {
    const { broker } = createHarness(() => new Response('bad request', { status }));
    expect(await broker.submit(intent, context)).toEqual({
      status: 'rejected',
      reason: `rejected by the venue (status ${status})`,
    });
  });

  it('looks an order up when its id is taken and the answer lacks the order', async () => {
    const { broker, requests } = createHarness((_url, { method }) =>
      method === 'POST' ? new Response('duplicate', { status: 409 }) : Response.json(FILLED),
    );
    expect(await broker.submit(intent, context)).toMatchObject({ status: 'filled', price: '101.25' });
    expect(requests.map(({ init }) => init.method)).toEqual(['POST', 'GET']);
  });

  it('times out when the broker does not answer', async () => {
    const { broker } = createHarness(
      async (_url, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    await expect(broker.find('e1-5-1')).rejects.toBeInstanceOf(BrokerUnavailableError);
  });
});
