import { TriplineError } from '@tripline/contracts';
import { buildSignal } from '@tripline/testing';

import { createApiFixture, type Account, type ApiFixture } from '../../test/api-fixture';
import type { ErrorEnvelope } from '../http/error-schemas';

interface Answer {
  summary: string;
  fired: number;
  by_outcome: Record<string, number>;
  samples: { signal_id: string; outcome: string }[];
  decisions: { signal_id: string; outcome: string; detail: Record<string, unknown> }[];
  diff: { same: number; different: number; only_then: number; only_now: number; differences: { causes: string[] }[] };
  assumed: { run_seconds: number; run_seconds_from: string };
  range: { from: string; to: string };
  truncated: boolean;
}

const HOUR = 3_600_000;

describe('simulating and replaying', () => {
  let api: ApiFixture;
  let user: Account;
  beforeEach(async () => {
    api = await createApiFixture();
    user = await api.login('trader');
  });
  afterEach(() => api.app.close());

  /** A signal that was appended this many hours ago. */
  const record = (hoursAgo: number, overrides: Parameters<typeof buildSignal>[0] = {}) => {
    const appendedAtMs = api.clock.now() - hoursAgo * HOUR;
    const recorded = { signal: buildSignal({ occurredAt: appendedAtMs, ...overrides }), appendedAtMs };
    api.recorded.push(recorded);
    return recorded.signal.signalId;
  };
  const post = (url: string, payload: object) =>
    api.app.inject({ method: 'POST', url, headers: user.headers, payload });
  const simulate = (pipeline: object, more: object = {}) =>
    post('/api/pipelines/simulate', { pipeline: { name: 'n', tickers: ['^SPX'], ...pipeline }, ...more });
  const create = async (values: object = {}) => {
    const response = await post('/api/pipelines', { name: 'p', tickers: ['^SPX'], ...values });
    return response.json<{ id: string }>().id;
  };
  const replay = (id: string, payload: object) => post(`/api/pipelines/${id}/replay`, payload);

  it('reports how often a definition would have triggered in recent days, with samples', async () => {
    for (const hoursAgo of [200, 100, 99.9999, 50, 1]) record(hoursAgo);
    record(2, { tickers: [{ ticker: 'AAPL', signal: 'BULLISH', confidence: 80 }] });
    const response = await simulate({}, { days: 7, run_seconds: 60 });
    expect(response.statusCode).toBe(200);
    expect(response.json<Answer>()).toMatchObject({
      summary: 'would have fired 3 times in 7 days, 1 skipped because an execution was active',
      fired: 3,
      by_outcome: { TRIGGERED: 3, SKIPPED_ACTIVE: 1 },
      assumed: { run_seconds: 60, run_seconds_from: 'request' },
      truncated: false,
    });
    expect(response.json<Answer>().samples).toHaveLength(4);
    expect((await simulate({}, { days: 7, run_seconds: 60 })).json()).toEqual(response.json());
  });

  it('fires the rules of an unsaved definition', async () => {
    record(3, { signalType: 'a' });
    record(2, { signalType: 'b' });
    const signal_rule = {
      kind: 'sequence',
      conditions: [{ signal_type: 'a' }, { signal_type: 'b' }],
      within_seconds: 7200,
    };
    const answer = (await simulate({ signal_rule })).json<Answer>();
    expect(answer.by_outcome).toEqual({ COALESCED: 1, TRIGGERED: 1 });
  });

  it.each([
    [{ pipeline: { name: 'n', tickers: [] } }, 'tickers'],
    [{ pipeline: { name: 'n', tickers: ['^SPX'], trigger_mode: 'manual' } }, 'pipeline.trigger_mode'],
    [{ pipeline: { name: 'n', tickers: ['^SPX'] }, days: 32 }, 'days'],
    [{ days: 1 }, 'pipeline'],
  ])('refuses %j and names the field', async (payload, path) => {
    const response = await post('/api/pipelines/simulate', payload);
    expect(response.statusCode).toBe(400);
    expect((response.json<ErrorEnvelope>().error.details?.['issues'] as { path: string }[])[0]?.path).toBe(path);
  });

  it('replays a range and explains the differences from the actual decisions', async () => {
    const id = await create();
    const at = api.clock.now();
    const [first, second, third] = [record(3), record(2), record(1)];
    const happened = { pipelineVersion: 1, occurredAt: at, decidedAt: at, reason: 'x' };
    api.happened.push(
      { ...happened, triggerId: first, outcome: 'TRIGGERED' },
      { ...happened, triggerId: second, outcome: 'SKIPPED_ACTIVE' },
    );
    const answer = (await replay(id, { from: new Date(at - 4 * HOUR).toISOString() })).json<Answer>();
    expect(answer).toMatchObject({
      version: 1,
      summary: 'would have fired 3 times in 4 hours',
      diff: { same: 1, different: 1, only_then: 0, only_now: 1 },
    });
    expect(answer.decisions.map(({ signal_id }) => signal_id)).toEqual([first, second, third]);
    const causes = answer.diff.differences.map((difference) => difference.causes[0]);
    expect(causes.sort()).toEqual([
      'an execution was active; in the simulation each execution is assumed to last 1 s',
      'the pipeline was created later',
    ]);
  });

  it('replays an older version', async () => {
    const id = await create({ signal_subscriptions: [{ signal_type: 'golden_cross', min_confidence: 90 }] });
    await api.app.inject({
      method: 'PATCH',
      url: `/api/pipelines/${id}`,
      headers: user.headers,
      payload: { signal_subscriptions: [] },
    });
    record(1);
    const from = new Date(api.clock.now() - 2 * HOUR).toISOString();
    expect((await replay(id, { from })).json<Answer>().fired).toBe(1);
    expect((await replay(id, { from, version: 1 })).json<Answer>().fired).toBe(0);
    expect((await replay(id, { from, version: 3 })).statusCode).toBe(404);
  });

  it('replays a stored signal, and points to the log for an unknown one', async () => {
    const id = await create();
    const signal_id = record(1);
    const answer = (await replay(id, { signal_id })).json<Answer>();
    expect(answer.decisions).toMatchObject([{ signal_id, outcome: 'TRIGGERED' }]);
    const missing = await replay(id, { signal_id: '6f1e0d0c-0000-4000-8000-000000000000' });
    expect([missing.statusCode, missing.json<ErrorEnvelope>().error.message]).toEqual([
      404,
      expect.stringContaining('replay a range of the log'),
    ]);
  });

  it.each([
    [{}, 'from'],
    [{ from: '2026-01-01T00:00:00Z', signal_id: '6f1e0d0c-0000-4000-8000-000000000000' }, 'from'],
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
    [{ from: '2026-01-01T00:00:00Z', to: '2026-03-01T00:00:00Z' }, 'to'],
    [{ from: '2099-01-01T00:00:00Z' }, 'from'],
    [{ signal_id: '6f1e0d0c-0000-4000-8000-000000000000', to: '2026-01-01T00:00:00Z' }, 'to'],
  ])('refuses to replay %j and names the field', async (payload, path) => {
    const response = await replay(await create(), payload);
    expect(response.statusCode).toBe(400);
    expect((response.json<ErrorEnvelope>().error.details?.['issues'] as { path: string }[])[0]?.path).toBe(path);
  });

  it('answers 503 when the log cannot be read', async () => {
    const broken = await createApiFixture({
      override: (routes) => ({
        ...routes,
        simulations: {
          ...routes.simulations,
          log: { read: () => Promise.reject(new TriplineError('UNAVAILABLE', 'no Kafka')) },
        },
      }),
    });
    const { headers } = await broken.login('trader');
    const payload = { pipeline: { name: 'n', tickers: ['^SPX'] } };
    const response = await broken.app.inject({ method: 'POST', url: '/api/pipelines/simulate', headers, payload });
    expect(response.statusCode).toBe(503);
    await broken.app.close();
  });
});
