import { TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import { createKafkaConnection, createTopicAdmin, kafkaConfigSchema } from '@tripline/messaging';
import { migrate } from '@tripline/migrations';
import { findProgram } from './machine/programs';
import { runCommand } from './machine/run-command';
import type { KafkaKind } from './types';

const MOCK_TOPIC_TIMEOUT_MS = 10_000;

/** Options of {@link prepareStack}. */
export interface PrepareOptions {
  /** `KAFKA_*`, `DATABASE_URL` and `KAFKA_TOPIC_PARTITIONS`, as an application gets them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kafkaKind?: KafkaKind;
  readonly report?: (line: string) => void;
}

/** Prepares fresh servers for the applications: migrates the schema and creates the topics. Safe to repeat. */
export async function prepareStack(options: PrepareOptions): Promise<void> {
  const from = performance.now();
  const databaseUrl = options.environment['DATABASE_URL'];
  const [applied] = await Promise.all([
    databaseUrl ? migrate(databaseUrl).then((result) => result.applied.length) : 0,
    options.kafkaKind === 'mock' ? touchMockTopic(options.environment) : ensureTopics(options.environment),
  ]);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  options.report?.(`${'prepared'.padEnd(10)} ${applied} migrations applied, topics ready in ${seconds} s`);
}

async function ensureTopics(environment: PrepareOptions['environment']): Promise<void> {
  if (!environment['KAFKA_BROKERS']) return;
  const admin = createTopicAdmin(createKafkaConnection(kafkaConfigSchema.parse(environment)));
  await admin.start();
  try {
    const partitions = Number(environment['KAFKA_TOPIC_PARTITIONS'] ?? TRADING_SIGNALS_TOPIC.defaultPartitions);
    await admin.ensureTopic(
      { ...TRADING_SIGNALS_TOPIC, name: environment['KAFKA_TOPIC_SIGNALS'] ?? TRADING_SIGNALS_TOPIC.name },
      { partitions, replicationFactor: 1 },
    );
  } finally {
    await admin.stop();
  }
}

/** The mock creates a topic when a client asks for its metadata. */
async function touchMockTopic(environment: PrepareOptions['environment']): Promise<void> {
  const kcat = findProgram('kcat');
  const brokers = environment['KAFKA_BROKERS'];
  if (!kcat || !brokers) return;
  const args = ['-b', brokers, '-L', '-t', TRADING_SIGNALS_TOPIC.name];
  const result = await runCommand(kcat, args, { timeoutMs: MOCK_TOPIC_TIMEOUT_MS });
  if (result.code !== 0) throw new Error(`The mock broker did not create the topic: ${result.output}`);
}
