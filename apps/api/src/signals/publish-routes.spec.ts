import { decodeSignal, MAX_EVENT_AHEAD_MS } from '@tripline/contracts';
import { MatchIndex } from '@tripline/matching';
import { type Signal, signalIdOf } from '@tripline/triggers';
import { PublishError } from '@tripline/messaging';
import { createExposition } from '@tripline/telemetry';
import { buildPipeline } from '@tripline/testing';

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

  it('derives the same id from the same idempotency key of the same user, and a new id otherwise', async () => {
    expect(await idOf(SIGNAL)).not.toBe(await idOf(SIGNAL));
    const first = await idOf(SIGNAL, { 'idempotency-key': 'k' });
    expect(await idOf(SIGNAL, { 'idempotency-key': 'k' })).toBe(first);
    user = await api.login('trader');
    expect(await idOf(SIGNAL, { 'idempotency-key': 'k' })).not.toBe(first);
  });

  const published = (): Signal => {
    const decoded = decodeSignal(Buffer.from(api.sent.at(-1)?.message.value ?? ''));
    if (!decoded.ok) throw new Error(decoded.detail);
    return decoded.signal;
  };
  const grant = async (permissions: readonly string[]) => {
    const { headers } = await api.login('admin');
    const url = `/api/users/${user.user.id}/permissions`;
    return api.app.inject({ method: 'PUT', url, headers, payload: { permissions } });
  };
  /** Which of two users' pipelines a published signal would match. */
  const started = (others: Account) => {
    const pipelines = [user, others].map(({ user: { id } }) => buildPipeline({ userId: id }));
    return MatchIndex.build(pipelines)
      .match(published())
      .map(({ pipeline }) => pipeline.userId);
  };

  it("publishes only for the publisher's own pipelines, whatever fields the body contains", async () => {
    const other = await api.login('trader');
    expect((await publish(SIGNAL)).json()).toMatchObject({ scope: 'own', status: 'accepted' });
    expect(published()).toMatchObject({ publisher: user.user.id, owner: user.user.id });
    expect(started(other)).toEqual([user.user.id]);
    for (const field of [{ owner: other.user.id }, { publisher: other.user.id }, { owner: null }]) {
      expect((await publish({ ...SIGNAL, ...field })).statusCode).toBe(400);
    }
  });

  it("derives a stable id from the user's own id and returns it", async () => {
    const genuine = signalIdOf({
      ...{ generator: 'golden_cross', version: 1, ticker: '^SPX', timeframe: '1d', signalType: 'golden_cross' },
      barEnd: Date.UTC(2010, 9, 25),
    });
    const id = await idOf({ ...SIGNAL, signal_id: genuine });
    expect(id).not.toBe(genuine);
    expect(published().signalId).toBe(id);
    expect(await idOf({ ...SIGNAL, signal_id: genuine })).toBe(id);
    await grant(['publish:shared']);
    const shared = await idOf({ ...SIGNAL, signal_id: genuine, scope: 'shared' });
    expect([genuine, id]).not.toContain(shared);
    user = await api.login('trader');
    expect(await idOf({ ...SIGNAL, signal_id: genuine })).not.toBe(id);
  });

  it("publishes for every user's pipelines only while the permission is granted", async () => {
    const other = await api.login('trader');
    const shared = { ...SIGNAL, scope: 'shared' };
    const denied = await publish(shared);
    expect([denied.statusCode, denied.json<ErrorEnvelope>().error.code]).toEqual([403, 'FORBIDDEN']);
    expect((await grant(['publish:shared'])).json()).toMatchObject({ permissions: ['publish:shared'] });
    expect((await publish(shared)).json()).toMatchObject({ scope: 'shared' });
    expect(published()).toMatchObject({ publisher: user.user.id, owner: undefined });
    expect(started(other)).toEqual([user.user.id, other.user.id]);
    await grant([]);
    expect((await publish(shared)).statusCode).toBe(403);
    expect(api.lines.filter((line) => line['event'] === 'permissions_set')).toHaveLength(2);
  });

  it('does not let traders grant permissions, even to themselves', async () => {
    const url = `/api/users/${user.user.id}/permissions`;
    const payload = { permissions: ['publish:shared'] };
    expect((await api.app.inject({ method: 'PUT', url, headers: user.headers, payload })).statusCode).toBe(403);
  });

  it.each(['history', 'history-replay', 'mock', 'golden_cross', 'Mock:7'])(
    'denies the reserved source %s',
    async (source) => {
      await grant(['publish:shared']);
      const response = await publish({ ...SIGNAL, source, scope: 'shared' });
      expect([response.statusCode, response.json<ErrorEnvelope>().error.code]).toEqual([422, 'RESERVED_SOURCE']);
      expect(api.sent).toHaveLength(0);
    },
  );

  it('denies a breakout for its date in 2028, and for its source "history"', async () => {
    const breakout = { ...SIGNAL, signal_type: 'bollinger_breakout' };
    const [timestamp, source] = ['2028-01-01T00:00:00Z', 'history'];
    const codes: unknown[] = [];
    for (const fields of [{ timestamp, source }, { timestamp }, { source }]) {
      const response = await publish({ ...breakout, ...fields });
      codes.push([response.statusCode, response.json<ErrorEnvelope>().error.code]);
    }
    expect(codes).toEqual([
      [422, 'RESERVED_SOURCE'],
      [400, 'EVENT_TIME_IN_FUTURE'],
      [422, 'RESERVED_SOURCE'],
    ]);
    expect(api.sent).toHaveLength(0);
  });

  it('accepts an event up to five minutes ahead', async () => {
    const at = (ms: number) => ({ ...SIGNAL, timestamp: new Date(api.clock.now() + ms).toISOString() });
    expect((await publish(at(MAX_EVENT_AHEAD_MS))).statusCode).toBe(202);
    expect((await publish(at(MAX_EVENT_AHEAD_MS + 1))).statusCode).toBe(400);
  });

  it('defaults the time of a signal to now', async () => {
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

  it('counts user-defined sources and types under one label value each', async () => {
    for (const index of [1, 2, 3]) {
      await publish({ ...SIGNAL, signal_type: `made_up_${index}`, source: `source ${index}` });
    }
    const { body } = await createExposition(api.metrics).render();
    const samples = body.split('\n').filter((line) => line.startsWith('signals_generated_total{'));
    expect(samples).toEqual(['signals_generated_total{signal_type="custom",source="user"} 3']);
  });

  it('answers 503 and says when to retry if the broker does not accept the record', async () => {
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
