import { decodeSignal } from '@tripline/contracts';
import { PublishError } from '@tripline/messaging';
import { createExposition } from '@tripline/telemetry';

import { createApiFixture, type Account, type ApiFixture } from '../../test/api-fixture';
import type { ErrorEnvelope } from '../http/error-schemas';

const SIGNAL = {
  signal_type: 'golden_cross',
  timestamp: '2010-10-25T00:00:00Z',
  tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 82 }],
};

describe('publishing a signal', () => {
  let api: ApiFixture;
  let user: Account;
  beforeEach(async () => {
    api = await createApiFixture();
    user = await api.login('trader');
  });
  afterEach(() => api.app.close());

  const publish = (payload: object, headers: object = {}) =>
    api.app.inject({ method: 'POST', url: '/api/signals', payload, headers: { ...user.headers, ...headers } });
  const idOf = async (payload: object, headers: object = {}) =>
    (await publish(payload, headers)).json<{ signal_id: string }>().signal_id;

  it('sends a record that the dispatcher decodes, keyed by the first ticker', async () => {
    const response = await publish(SIGNAL);
    expect(response.statusCode).toBe(202);
    const [{ topic, message }] = api.sent as [(typeof api.sent)[number]];
    expect([topic, message.key]).toEqual(['trading-signals', '^SPX']);
    expect(decodeSignal(Buffer.from(message.value))).toMatchObject({
      ok: true,
      signal: {
        signalId: response.json<{ signal_id: string }>().signal_id,
        source: 'http',
        occurredAt: Date.UTC(2010, 9, 25),
      },
    });
  });

  it('makes a new id each time, the same for the same idempotency key of the same user', async () => {
    expect(await idOf(SIGNAL)).not.toBe(await idOf(SIGNAL));
    const first = await idOf(SIGNAL, { 'idempotency-key': 'k' });
    expect(await idOf(SIGNAL, { 'idempotency-key': 'k' })).toBe(first);
    user = await api.login('trader');
    expect(await idOf(SIGNAL, { 'idempotency-key': 'k' })).not.toBe(first);
  });

  it('takes now for the time of a signal without one', async () => {
    await publish({ ...SIGNAL, timestamp: undefined });
    const decoded = decodeSignal(Buffer.from(api.sent[0]?.message.value ?? ''));
    expect(decoded).toMatchObject({ ok: true, signal: { occurredAt: api.clock.now() } });
  });

  it.each([
    [{ timestamp: 1e12 }, 'invalid_timestamp'],
    [{ tickers: [SIGNAL.tickers[0], SIGNAL.tickers[0]] }, 'invalid_tickers'],
    [{ metadata: { text: 'x'.repeat(20_000) } }, 'invalid_field'],
    [{ metadata: { text: 'x'.repeat(70_000) } }, 'too_large'],
  ])('refuses %.60j with the reason the dispatcher would give', async (values, reason) => {
    const response = await publish({ ...SIGNAL, ...values });
    expect(response.statusCode).toBe(400);
    expect(response.json<ErrorEnvelope>().error.details).toMatchObject({ reason });
    expect(api.sent).toHaveLength(0);
  });

  it('counts under one source and one type what users make up', async () => {
    for (const index of [1, 2, 3]) {
      await publish({ ...SIGNAL, signal_type: `made_up_${index}`, source: `source ${index}` });
    }
    const { body } = await createExposition(api.metrics).render();
    const samples = body.split('\n').filter((line) => line.startsWith('signals_generated_total{'));
    expect(samples).toEqual(['signals_generated_total{signal_type="custom",source="user"} 3']);
  });

  it('answers 503 when the broker does not take it, and says when to come again', async () => {
    const broken = await createApiFixture({
      override: (routes) => ({
        ...routes,
        publishing: {
          ...routes.publishing,
          producer: {
            send: () => Promise.reject(new PublishError('connection', 'no broker')),
          },
        },
      }),
    });
    const { headers } = await broken.login('trader');
    const response = await broken.app.inject({ method: 'POST', url: '/api/signals', payload: SIGNAL, headers });
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.json<ErrorEnvelope>().error.code).toBe('UNAVAILABLE');
    await broken.app.close();
  });
});
