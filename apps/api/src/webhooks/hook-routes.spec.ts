import { createHmac } from 'node:crypto';

import { MAX_EVENT_AHEAD_MS } from '@tripline/contracts';

import { createApiFixture, type Account, type ApiFixture, decisionLogEntry } from '../../test/api-fixture';
import type { ErrorEnvelope } from '../http/error-schemas';

interface Answer {
  outcome: string;
  reason: string;
  execution_id: string | null;
  signal_id: string;
  duplicate: boolean;
}
interface Hook {
  id: string;
  secret: string;
}

describe('webhook calls', () => {
  let api: ApiFixture;
  let user: Account;
  let hook: Hook;
  let count = 0;
  beforeAll(async () => {
    api = await createApiFixture({ webhookLimitPerMinute: 40 });
    user = await api.login('trader');
  });
  beforeEach(async () => {
    hook = await createHook();
  });
  afterAll(() => api.app.close());

  async function createHook(values: object = {}, app = api, { headers } = user): Promise<Hook> {
    count += 1;
    const payload = { name: `hook ${count}`, tickers: ['AAPL', 'BTC-*'], trigger_mode: 'webhook', ...values };
    const created = await app.app.inject({ method: 'POST', url: '/api/pipelines', headers, payload });
    const { id } = created.json<{ id: string }>();
    const made = await app.app.inject({ method: 'POST', url: `/api/pipelines/${id}/webhook`, headers });
    expect([created.statusCode, made.statusCode, made.headers['cache-control']]).toEqual([201, 201, 'no-store']);
    return { id, secret: made.json<{ secret: string }>().secret };
  }
  const call = (payload?: object | string, headers: object = {}, { id, secret } = hook) =>
    api.app.inject({
      method: 'POST',
      url: `/api/hooks/${id}`,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    });
  const signed = (body: string, headers: object = {}, atMs = api.clock.now(), { id, secret } = hook) => {
    const timestamp = String(Math.floor(atMs / 1000));
    const signature = `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
    return api.app.inject({
      method: 'POST',
      url: `/api/hooks/${id}`,
      headers: {
        'content-type': 'application/json',
        'x-tripline-timestamp': timestamp,
        'x-tripline-signature': signature,
        ...headers,
      },
      payload: body,
    });
  };
  const codeOf = (response: { json: <T>() => T }) => response.json<ErrorEnvelope>().error.code;
  const messageOf = (response: { json: <T>() => T }) => response.json<ErrorEnvelope>().error.message;

  it('return 202 with the decision and enqueue the execution', async () => {
    const occurredAt = new Date(api.clock.now() - 1000).toISOString();
    const enqueued = api.enqueued.length;
    const response = await call({ ticker: 'BTC-USD', direction: 'BULLISH', confidence: 81, occurred_at: occurredAt });
    expect([response.statusCode, response.json()]).toMatchObject([
      202,
      {
        pipeline_id: hook.id,
        outcome: 'TRIGGERED',
        reason: 'trigger_accepted',
        trigger_mode: 'webhook',
        duplicate: false,
      },
    ]);
    expect(api.triggers.at(-1)).toMatchObject({
      ticker: 'BTC-USD',
      direction: 'BULLISH',
      confidence: 81,
      occurredAt: Date.parse(occurredAt),
    });
    expect(api.enqueued).toHaveLength(enqueued + 1);
  });

  it('default to the first ticker and the current time', async () => {
    expect((await call()).statusCode).toBe(202);
    expect(api.triggers.at(-1)).toMatchObject({ ticker: 'AAPL', occurredAt: api.clock.now() });
  });

  it.each([
    ['in the body', [{ event_id: 'e-1' }, {}], [{ event_id: 'e-1' }, {}]],
    ['in the header', [{}, { 'idempotency-key': 'e-2' }], [{}, { 'idempotency-key': 'e-2' }]],
    ['once so and once so', [{ event_id: 'e-3' }, {}], [{}, { 'idempotency-key': 'e-3' }]],
  ])('decide the same event once and say so the second time: %s', async (_where, one, two) => {
    const first = (await call(...(one as [object, object]))).json<Answer>();
    const again = (await call(...(two as [object, object]))).json<Answer>();
    expect([first.duplicate, again]).toEqual([false, { ...first, duplicate: true }]);
    expect(api.triggers.filter(({ pipelineId }) => pipelineId === hook.id)).toHaveLength(1);
  });

  it('decide every event without an id, and the same id once per pipeline', async () => {
    const other = await createHook();
    const answers = [
      await call({}),
      await call({}),
      await call({ event_id: 'x' }),
      await call({ event_id: 'x' }, {}, other),
    ];
    const ids = answers.map((answer) => answer.json<Answer>());
    expect(new Set(ids.map(({ signal_id: id }) => id)).size).toBe(4);
    expect(ids.every(({ duplicate }) => !duplicate)).toBe(true);
  });

  it('deny an event_id that differs from the Idempotency-Key', async () => {
    expect((await call({ event_id: 'a' }, { 'idempotency-key': 'b' })).statusCode).toBe(400);
  });

  it.each([
    { ticker: 'MSFT' },
    { ticker: 'btc' },
    { confidence: 101 },
    { quality: 2 },
    { direction: 'UP' },
    { occurred_at: 'yesterday' },
    { event_id: 'with space' },
    { event_id: 'x'.repeat(129) },
    { pipeline_id: 'x' },
  ])('refuse %j', async (payload) => {
    expect((await call(payload)).statusCode).toBe(400);
  });

  it('deny a future event with its own error code', async () => {
    const at = (ms: number) => ({ occurred_at: new Date(api.clock.now() + ms).toISOString() });
    const response = await call(at(MAX_EVENT_AHEAD_MS + 1));
    expect([response.statusCode, codeOf(response)]).toEqual([400, 'EVENT_TIME_IN_FUTURE']);
    expect((await call(at(MAX_EVENT_AHEAD_MS))).statusCode).toBe(202);
  });

  it('deny bodies over 32 KiB and pipelines with another trigger mode', async () => {
    expect((await call(JSON.stringify({ event_id: 'x'.repeat(33_000) }))).statusCode).toBe(413);
    const manual = await createHook({ trigger_mode: 'manual', tickers: ['AAPL'] });
    const response = await call({}, {}, manual);
    expect([response.statusCode, messageOf(response)]).toEqual([
      409,
      "The pipeline's trigger_mode is manual, not webhook.",
    ]);
  });

  it('deny the old secret after it is replaced, and every secret after the webhook is deleted', async () => {
    const url = `/api/pipelines/${hook.id}/webhook`;
    const made = await api.app.inject({ method: 'POST', url, headers: user.headers });
    const fresh = { ...hook, secret: made.json<Hook>().secret };
    expect([(await call({})).statusCode, (await call({}, {}, fresh)).statusCode]).toEqual([401, 202]);
    expect((await api.app.inject({ method: 'GET', url, headers: user.headers })).json()).toMatchObject({
      url: `/api/hooks/${hook.id}`,
    });
    expect((await api.app.inject({ method: 'DELETE', url, headers: user.headers })).statusCode).toBe(204);
    expect((await call({}, {}, fresh)).statusCode).toBe(401);
    expect((await api.app.inject({ method: 'GET', url, headers: user.headers })).statusCode).toBe(404);
  });

  it("count against their pipeline's limit only after authentication", async () => {
    for (let attempt = 0; attempt < 45; attempt += 1) {
      expect((await call({}, { authorization: 'Bearer tp_hook_guess' })).statusCode).toBe(401);
    }
    const statuses = new Set<number>();
    for (let attempt = 0; attempt < 41; attempt += 1) statuses.add((await call({ event_id: 'same' })).statusCode);
    expect([...statuses]).toEqual([202, 429]);
    const refused = await call({});
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await call({}, {}, await createHook())).statusCode).toBe(202);
  });

  it('write no secret and no signature to the log', async () => {
    await call({});
    await signed('{}');
    await call({}, { authorization: `Bearer ${hook.secret}x` });
    const log = JSON.stringify(api.lines);
    expect(log).not.toContain(hook.secret);
    expect(log).not.toContain('tp_hook_');
    expect(log).not.toContain('v1=');
  });

  describe('with a signature', () => {
    it('are decided like other calls', async () => {
      const response = await signed('{"ticker":"AAPL","event_id":"s-1"}');
      expect([response.statusCode, response.json<Answer>().outcome]).toEqual([202, 'TRIGGERED']);
    });

    it('count as the same event when sent again, with or without an event id', async () => {
      const [first, again] = [await signed('{"confidence":5}'), await signed('{"confidence":5}')];
      expect([first.json<Answer>().duplicate, again.json<Answer>().duplicate]).toEqual([false, true]);
      const later = await signed('{"confidence":5}', {}, api.clock.now() + 1000);
      expect(later.json<Answer>().duplicate).toBe(false);
    });

    it.each([
      [-301_000, 401],
      [-299_000, 202],
      [299_000, 202],
      [301_000, 401],
    ])('%d ms from now answer %d', async (shiftMs, status) => {
      expect((await signed('{}', {}, api.clock.now() + shiftMs)).statusCode).toBe(status);
    });

    it.each([
      ['another body', { payload: '{"ticker":"AAPL"}' }],
      ['another time', { headers: { 'x-tripline-timestamp': '1' } }],
      ['no time', { headers: { 'x-tripline-timestamp': '' } }],
      ['no signature in it', { headers: { 'x-tripline-signature': 'v1=' } }],
    ])('answer 401 with %s', async (_what, change: { payload?: string; headers?: object }) => {
      const timestamp = String(Math.floor(api.clock.now() / 1000));
      const signature = `v1=${createHmac('sha256', hook.secret).update(`${timestamp}.{}`).digest('hex')}`;
      const response = await api.app.inject({
        method: 'POST',
        url: `/api/hooks/${hook.id}`,
        headers: {
          'content-type': 'application/json',
          'x-tripline-timestamp': timestamp,
          'x-tripline-signature': signature,
          ...change.headers,
        },
        payload: change.payload ?? '{}',
      });
      expect(response.statusCode).toBe(401);
    });

    it('report invalid JSON only to callers with a valid signature', async () => {
      expect((await signed('{"ticker":')).statusCode).toBe(400);
      const stranger = await signed('{"ticker":', { 'x-tripline-signature': `v1=${'0'.repeat(64)}` });
      expect(stranger.statusCode).toBe(401);
    });

    it('must send their event id in the signed body', async () => {
      const response = await signed('{}', { 'idempotency-key': 'k' });
      expect([response.statusCode, messageOf(response)]).toMatchObject([400, expect.stringContaining('event_id')]);
    });
  });

  it('are decided while Redis is unavailable, and return the reason when nothing starts', async () => {
    const refusing = await createApiFixture({
      override: (routes) => ({
        ...routes,
        hooks: {
          ...routes.hooks,
          decisionStore: {
            ...routes.hooks.decisionStore,
            decideTriggers: async ([trigger]) => ({
              decisions: [
                decisionLogEntry({
                  pipelineId: trigger?.pipelineId ?? '',
                  outcome: 'SKIPPED_ACTIVE',
                  reason: 'execution_active',
                  userId: '',
                  executionId: null,
                }),
              ],
              created: [],
              ended: [],
              unknown: [],
            }),
          },
        },
      }),
    });
    const owner = await refusing.login('trader');
    const { id, secret } = await createHook({}, refusing, owner);
    const headers = { authorization: `Bearer ${secret}` };
    const response = await refusing.app.inject({ method: 'POST', url: `/api/hooks/${id}`, headers, payload: {} });
    expect([response.statusCode, response.json<Answer>()]).toMatchObject([
      202,
      { outcome: 'SKIPPED_ACTIVE', reason: 'execution_active', execution_id: null, duplicate: false },
    ]);
    await refusing.app.close();
  });
});
