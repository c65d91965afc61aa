import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { createDecisionStore, type DecisionLogEntry } from '@tripline/decision-store';
import { createTestDatabase, type TestDatabase } from '@tripline/migrations';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createUserRepository } from '@tripline/user-store';
import { createExposition, createMetrics } from '@tripline/telemetry';
import { buildPipeline, buildSignal, testInfra } from '@tripline/testing';
import { randomUUID } from 'node:crypto';

import { createDispatchMetrics } from '../src/dispatches/dispatch-metrics';

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase(testInfra().databaseUrl);
  database = createDatabase(createDatabaseConfig(testDatabase.url));
  await database.start();
});
afterAll(async () => {
  await database.stop();
  await testDatabase.drop();
});

/** One line per (outcome, reason, signal type) of the decision log. */
async function countLedger(): Promise<string[]> {
  const rows = await database.query<{ line: string }>({
    text: `SELECT outcome || ' ' || reason || ' ' || coalesce(signal_type, trigger_mode) || ' ' || count(*) AS line
      FROM signal_matches GROUP BY outcome, reason, coalesce(signal_type, trigger_mode)`,
  });
  return rows.map((row) => row.line).sort();
}

function countMetric(exposition: string): string[] {
  return exposition.split('\n').flatMap((line) => {
    const found = /^dispatch_decisions_total\{(.*)\} (\d+)$/.exec(line);
    if (found === null) return [];
    const labels = new Map([...(found[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((part) => [part[1], part[2]]));
    return [`${labels.get('outcome')} ${labels.get('reason')} ${labels.get('signal_type')} ${found[2]}`];
  });
}

describe('dispatch_decisions_total', () => {
  it('agrees with the decision log by outcome, reason and signal type, redeliveries included', async () => {
    const user = await createUserRepository(database).create({ email: 'a@example.test', passwordHash: 'x' });
    const viewer = { userId: user.id, role: 'trader' } as const;
    const repository = createPipelineRepository(database);
    const overlap = { key: 'pipeline', limit: 1, ttlMs: 0 } as const;
    const pipelines = await Promise.all(
      [
        buildPipeline(),
        buildPipeline({ overlap: { ...overlap, policy: 'replace' } }),
        buildPipeline({ overlap: { ...overlap, policy: 'queue' } }),
        buildPipeline({ overlap: { ...overlap, policy: 'queue_latest' } }),
        buildPipeline({ minQuality: 0.5 }),
        buildPipeline({ maxSignalAgeMs: 60_000, signalAgeFrom: 'event' }),
        buildPipeline({ market: { calendar: 'XNYS', session: 'regular' } }),
      ].map(async (pipeline) => (await repository.create(viewer, pipeline)).pipeline),
    );
    const metrics = createMetrics({ service: 'trigger-dispatcher' });
    const dispatch = createDispatchMetrics(metrics, 'group', () => Date.now());
    const store = createDecisionStore(database);
    const records = Array.from({ length: 12 }, (_, index) => ({
      offset: BigInt(index),
      appendedAtMs: Date.now(),
      signal: buildSignal({ signalType: index % 2 ? 'golden_cross' : 'death_cross' }),
      matches: pipelines.map((pipeline) => ({
        pipeline,
        ticker: '^SPX',
        confidence: 80,
        direction: 'BULLISH' as const,
      })),
    }));
    const seen: DecisionLogEntry[] = [];
    for (const [from, to] of [
      [0, 5],
      [3, 8],
      [0, 12],
      [6, 12],
    ] as const) {
      const chunk = {
        topic: 't',
        partition: 0,
        records: records.slice(from, to),
        deadSignals: [],
        nextOffset: BigInt(to),
      };
      const { decisions } = await store.decideChunk(chunk);
      dispatch.recordDecisions(decisions);
      seen.push(...decisions);
    }
    const manual = {
      pipelineId: pipelines[0]?.id ?? '',
      triggerId: randomUUID(),
      triggerMode: 'manual',
      occurredAt: 0,
    } as const;
    dispatch.recordDecisions((await store.decideTriggers([manual])).decisions);
    dispatch.recordDecisions((await store.decideTriggers([manual])).decisions);

    const decisionLog = await countLedger();
    expect(decisionLog.length).toBeGreaterThan(10);
    expect(countMetric((await createExposition(metrics).render()).body).sort()).toEqual(decisionLog);
    expect(seen).toHaveLength(12 * pipelines.length);
  });
});
