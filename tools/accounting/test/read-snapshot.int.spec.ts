import { acceptOrder } from '@tripline/trading';
import { executionIdOf } from '@tripline/triggers';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { createDecisionStore } from '@tripline/decision-store';
import { createExecutionStore } from '@tripline/execution-store';
import { createTestDatabase, type TestDatabase } from '@tripline/migrations';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createUserRepository } from '@tripline/user-store';
import { buildPipeline, buildSignal, testInfra } from '@tripline/testing';

import { orderParams } from '@tripline/audit';
import { readSnapshot } from '../read-snapshot';

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

/** One signal that triggered one execution with a resting order, and one dead record. */
async function createHistory() {
  const user = await createUserRepository(database).ensure({ email: 'books@example.test', passwordHash: 'x' });
  const viewer = { userId: user.id, role: 'trader' as const };
  const { pipeline } = await createPipelineRepository(database).create(viewer, buildPipeline());
  const signal = buildSignal();
  const match = { pipeline, ticker: '^SPX', confidence: 80, direction: 'BULLISH' as const };
  await createDecisionStore(database).decideChunk({
    topic: 'books',
    partition: 3,
    records: [{ offset: 7n, appendedAtMs: Date.now(), signal, matches: [match] }],
    deadSignals: [{ offset: 8n, reason: 'not_json', rawSha256: 'x', rawPrefix: Buffer.from('?') }],
    nextOffset: 9n,
  });
  const executionId = executionIdOf(pipeline.id, signal.signalId);
  const store = createExecutionStore(database);
  const run = await store.claim(executionId, 1, { owner: 'test', leaseMs: 30_000 });
  if (run === null || 'denial' in run) throw new Error('nothing to claim');
  const intent = {
    clientOrderId: `${executionId}-5-1`,
    executionId,
    ticker: '^SPX',
    side: 'BUY' as const,
    type: 'MARKET' as const,
    quantity: '10.50',
    referencePrice: '100.5',
    stopPrice: '95.125',
    targetPrice: null,
    occurredAt: signal.occurredAt,
  };
  const order = acceptOrder(intent);
  const sent = { order, fill: null, venue: 'paper', isChecked: true };
  await store.finishWithOrder({ ...run, status: 'completed', cost: '0', ...sent });
  return { pipeline, signal, executionId, intent };
}

describe('readBooks', () => {
  it("returns the database's contents in the checker's types", async () => {
    const { pipeline, signal, executionId, intent } = await createHistory();
    const snapshot = await readSnapshot(database, 'books');
    const params = orderParams({ ...intent, quantity: '10.5' });
    const run = { pipelineId: pipeline.id, pipelineVersion: 1, signalId: signal.signalId };
    expect(snapshot).toEqual({
      decisionLog: [
        {
          ...run,
          triggerMode: 'signal',
          outcome: 'TRIGGERED',
          reason: 'trigger_accepted',
          executionId,
          partition: 3,
          offset: 7n,
          decidedAt: expect.any(Number),
        },
      ],
      executions: [
        {
          ...run,
          id: executionId,
          status: 'completed',
          stopReason: null,
          overlapKey: '',
          slot: 0,
          activeFrom: expect.any(Number),
          finishedAt: expect.any(Number),
        },
      ],
      intents: [
        { clientOrderId: intent.clientOrderId, executionId, params, state: 'acked', createdAt: expect.any(Number) },
      ],
      broker: [
        {
          clientOrderId: intent.clientOrderId,
          executionId,
          params,
          accepted: true,
          at: expect.any(Number),
          quantity: '10.50',
          filledQuantity: '0',
          filledByFills: '0',
        },
      ],
      dead: [{ partition: 3, offset: 8n }],
      notifications: null,
      pnl: '0',
    });
  });

  it('reads one consistent state while decisions are being made', async () => {
    const user = await createUserRepository(database).ensure({ email: 'busy@example.test', passwordHash: 'x' });
    const viewer = { userId: user.id, role: 'trader' as const };
    let isReading = true;
    const decide = async (): Promise<void> => {
      for (let offset = 0n; isReading; offset += 1n) {
        const { pipeline } = await createPipelineRepository(database).create(
          viewer,
          buildPipeline({ name: `n ${offset}` }),
        );
        const match = { pipeline, ticker: '^SPX', confidence: 80, direction: 'BULLISH' as const };
        const record = { offset, appendedAtMs: Date.now(), signal: buildSignal(), matches: [match] };
        const chunk = { topic: 'busy', partition: 0, deadSignals: [], nextOffset: offset + 1n };
        await createDecisionStore(database).decideChunk({ ...chunk, records: [record] });
      }
    };
    const deciding = decide();
    try {
      for (let n = 0; n < 50; n += 1) {
        const { decisionLog, executions } = await readSnapshot(database, 'busy');
        expect(executions.map(({ id }) => id).sort()).toEqual(decisionLog.map(({ executionId }) => executionId).sort());
      }
    } finally {
      isReading = false;
      await deciding;
    }
  });
});
