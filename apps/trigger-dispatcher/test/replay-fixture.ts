import { spawn } from 'node:child_process';
import path from 'node:path';

import { toSignalMessage, TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';
import {
  createKafkaConnection,
  createProducer,
  createTopicAdmin,
  kafkaConfigSchema,
  type TopicAdmin,
} from '@tripline/messaging';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { createTestDatabase } from '@tripline/migrations';
import type { Viewer } from '@tripline/paging';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createUserRepository } from '@tripline/user-store';
import { buildPipeline, buildSignal, testInfra, uniqueName } from '@tripline/testing';

const ROOT = path.resolve(__dirname, '../../..');
const PARTITIONS = 4;

/** A topic and a database of its own on the real servers; `close` removes them. */
export async function openReplayFixture() {
  const infra = testInfra();
  const testDatabase = await createTestDatabase(infra.databaseUrl);
  const database = createDatabase(createDatabaseConfig(testDatabase.url, { retryDeadlineMs: 5_000 }));
  await database.start();
  const kafka = { KAFKA_BROKERS: infra.kafkaBrokers.join(',') };
  const connection = createKafkaConnection(kafkaConfigSchema.parse(kafka));
  const admin = createTopicAdmin(connection);
  const producer = createProducer(connection);
  await Promise.all([admin.start(), producer.start()]);
  const topic = uniqueName('replay');
  await admin.ensureTopic({ ...TRADING_SIGNALS_TOPIC, name: topic }, { partitions: PARTITIONS, replicationFactor: 1 });
  const addTrader = async (): Promise<Viewer> => {
    const email = `${uniqueName('trader')}@example.test`;
    const user = await createUserRepository(database).create({ email, passwordHash: 'x' });
    return { userId: user.id, role: 'trader' };
  };
  const trader = await addTrader();
  const env = {
    ...kafka,
    KAFKA_TOPIC_SIGNALS: topic,
    REDIS_URL: infra.redisUrl,
    REDIS_PREFIX: `{${topic}}`,
    DATABASE_URL: testDatabase.url,
    DATABASE_POOL_SIZE: '5',
  };
  const publishSignals = async (signals: readonly Signal[]) => {
    const messages = signals.map((signal) => ({ key: signal.tickers[0]?.ticker ?? '', value: encode(signal) }));
    await producer.send(topic, messages);
    return signals;
  };
  return {
    admin,
    database,
    topic,
    addPipeline: async (overrides: Parameters<typeof buildPipeline>[0] = {}, viewer: Viewer = trader) =>
      (await createPipelineRepository(database).create(viewer, buildPipeline(overrides))).pipeline,
    addTrader,
    env,
    publish: async (count: number, tickers: readonly string[]) => {
      const signals = Array.from({ length: count }, (_, index) => signalOn(tickers[index % tickers.length] ?? '^SPX'));
      return publishSignals(signals);
    },
    publishSignals,
    replay: (...args: string[]) => runCommand(env, args),
    rows: <R extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) =>
      database.query<R>({ text: sql }, values),
    close: async () => {
      await producer.stop();
      await admin.deleteTopic(topic);
      await admin.stop();
      await database.stop();
      await testDatabase.drop();
    },
  };
}
export type ReplayFixture = Awaited<ReturnType<typeof openReplayFixture>> & { admin: TopicAdmin; database: Database };

const signalOn = (ticker: string): Signal => buildSignal({ tickers: [{ ticker, signal: 'BULLISH', confidence: 80 }] });

const encode = (signal: Signal): string => JSON.stringify(toSignalMessage(signal));

interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as an operator would, in a separate process. */
async function runCommand(env: Record<string, string>, args: readonly string[]): Promise<CommandResult> {
  const script = path.join(ROOT, 'apps/trigger-dispatcher/src/cli/replay.ts');
  const child = spawn(process.execPath, ['-r', '@swc-node/register', script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env, SWC_NODE_PROJECT: path.join(ROOT, 'tsconfig.json') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}
