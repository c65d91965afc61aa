import { Writable } from 'node:stream';

import { decodeSignal } from '@tripline/contracts';
import { type Pipeline, pipelineMatches } from '@tripline/triggers';
import { createKafkaConnection, createProducer, kafkaConfigSchema, type MessageProducer } from '@tripline/messaging';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { createDecisionStore } from '@tripline/decision-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createLogger } from '@tripline/telemetry';
import { buildSignal } from '@tripline/testing';

import { loadConfig } from '../src/config';
import { createApiService, type ApiService } from '../src/service';
import { ADMIN, createTestEnvironment, type TestEnvironment } from './test-environment';

interface Answer {
  id: string;
  access_token: string;
  summary: string;
  fired: number;
  decided: number;
  truncated: boolean;
  by_reason: Record<string, number>;
  diff: { same: number; different: number; only_then: number; only_now: number; differences: { causes: string[] }[] };
}

const TYPES = ['golden_cross', 'volume_spike', 'rsi_oversold'];
jest.setTimeout(60_000);

/** What a trader does: view actual decisions, replay another version on the same signals, simulate a definition before saving. */
describe('replay and simulation on real servers', () => {
  let environment: TestEnvironment;
  let service: ApiService;
  let database: Database;
  let producer: MessageProducer;
  let token = '';
  let started: string;

  beforeAll(async () => {
    environment = await createTestEnvironment();
    const logger = createLogger({
      service: 'api',
      level: 'warn',
      destination: new Writable({ write: (_chunk, _encoding, done) => done() }),
    });
    service = createApiService(loadConfig(environment.env), { logger });
    await service.lifecycle.start();
    database = createDatabase(createDatabaseConfig(environment.env['DATABASE_URL'] ?? ''));
    const kafka = kafkaConfigSchema.parse({ KAFKA_BROKERS: environment.env['KAFKA_BROKERS'] });
    producer = createProducer(createKafkaConnection(kafka));
    await Promise.all([database.start(), producer.start()]);
    const login = async (email: string, password: string) =>
      (await post('/api/auth/login', { email, password })).access_token;
    token = await login(ADMIN.email, ADMIN.password);
    const account = { email: 'tess@example.com', password: 'twelve letters!' };
    await post('/api/users', account);
    token = await login(account.email, account.password);
    started = new Date(Date.now() - 60_000).toISOString();
  });
  afterAll(async () => {
    await producer?.stop();
    await database?.stop();
    await service?.lifecycle.stop();
    await environment?.close();
  });

  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${service.address()}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  const post = async (path: string, body: object) => (await call('POST', path, body)).body;

  async function publish(count: number): Promise<void> {
    const signals = Array.from({ length: count }, (_, index) =>
      buildSignal({
        signalType: TYPES[index % TYPES.length] ?? '',
        occurredAt: Date.UTC(2026, 0, 5, 15, index),
        tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 50 + index }],
      }),
    );
    await producer.send(
      environment.topic,
      signals.map(({ signalId, signalType, occurredAt, tickers, source }) => {
        const timestamp = new Date(occurredAt).toISOString();
        const message = { signal_id: signalId, signal_type: signalType, source, timestamp, tickers, schema_version: 1 };
        return { key: '^SPX', value: JSON.stringify(message) };
      }),
    );
  }

  /** Decides like a dispatcher, one record per chunk. Each execution ends before the next signal. */
  async function dispatch(): Promise<void> {
    const pipelines: readonly Pipeline[] = await createPipelineRepository(database).loadActive();
    const store = createDecisionStore(database);
    const range = await environment.admin.offsets(environment.topic);
    await environment.admin.readRange(
      environment.topic,
      range,
      async ({ topic, partition, messages: [message] }) => {
        const decoded = decodeSignal(message?.value ?? null);
        if (message === undefined || !decoded.ok) return;
        const { signal } = decoded;
        const matches = pipelines.flatMap((pipeline) => pipelineMatches(pipeline, signal) ?? []);
        const { offset, timestampMs: appendedAtMs } = message;
        const records = [{ offset, appendedAtMs, signal, matches }];
        await store.decideChunk({ topic, partition, records, deadSignals: [], nextOffset: offset + 1n });
        await database.query({
          text: "UPDATE executions SET status = 'completed', started_at = now(), finished_at = now(), slot = NULL",
        });
      },
      { chunk: { maxRecords: 1 } },
    );
  }

  it('reproduces the actual decisions exactly, twice, and reports what another version would have decided', async () => {
    const definition = {
      name: 'confirmed cross',
      tickers: ['^SPX'],
      max_signal_age_seconds: 0,
      cooldown_seconds: 600,
      signal_rule: {
        kind: 'all',
        conditions: [{ signal_type: 'golden_cross' }, { signal_type: 'volume_spike', min_confidence: 60 }],
        within_seconds: 300,
      },
    };
    const { id } = await post('/api/pipelines', definition);
    await post('/api/pipelines', { ...definition, name: 'every signal', signal_rule: null });
    await publish(36);
    await dispatch();

    const range = { from: started, run_seconds: 0 };
    const replayed = await post(`/api/pipelines/${id}/replay`, range);
    expect(replayed.diff).toEqual({ same: 21, different: 0, only_then: 0, only_now: 0, differences: [] });
    expect(replayed.by_reason).toMatchObject({ rule_fired: 3, cooldown_running: expect.any(Number) as number });
    const to = new Date().toISOString();
    const fixed = { ...range, to };
    expect(await post(`/api/pipelines/${id}/replay`, fixed)).toEqual(await post(`/api/pipelines/${id}/replay`, fixed));

    await call('PATCH', `/api/pipelines/${id}`, { cooldown_seconds: 0 });
    const changed = await post(`/api/pipelines/${id}/replay`, fixed);
    expect(changed.fired).toBeGreaterThan(replayed.fired);
    expect(changed.diff.different).toBe(changed.fired - replayed.fired);
    expect(changed.diff.differences[0]?.causes).toEqual([
      'version 1 was live, version 2 was simulated',
      'another trigger had started the cooldown',
    ]);
    expect((await post(`/api/pipelines/${id}/replay`, { ...fixed, version: 1 })).diff.same).toBe(21);

    const simulated = await post('/api/pipelines/simulate', {
      pipeline: { ...definition, name: 'not saved', cooldown_seconds: 0 },
      days: 1,
      run_seconds: 0,
    });
    expect(simulated).toMatchObject({ fired: changed.fired, decided: changed.decided, truncated: false });
    const assumed = await post('/api/pipelines/simulate', { pipeline: { name: 'x', tickers: ['*'] }, days: 0.1 });
    expect(assumed).toMatchObject({ decided: 36, assumed: { run_seconds_from: 'account' } });
    expect(simulated.summary).toMatch(/^would have fired \d+ times in 1 day, \d+ waiting for other signals$/);
  });

  it('replays a stored signal with the earlier signals that its rule needs', async () => {
    const rows = await database.query<{ pipeline_id: string; signal_id: string }>({
      text: "SELECT pipeline_id, signal_id FROM signal_matches WHERE reason = 'rule_fired' ORDER BY off LIMIT 1",
    });
    const answer = await post(`/api/pipelines/${rows[0]?.pipeline_id}/replay`, {
      signal_id: rows[0]?.signal_id,
      version: 1,
    });
    expect(answer.by_reason).toEqual({ rule_fired: 1 });
    expect(answer.diff).toMatchObject({ same: 1, differences: [] });
  });
});
