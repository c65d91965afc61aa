import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { createKafkaConnection, createTopicAdmin, kafkaConfigSchema, type TopicAdmin } from '@tripline/messaging';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { dropDatabase } from '@tripline/migrations';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { eventually, uniqueName } from '@tripline/testing';

import { readSnapshot, type StoredSnapshot } from '../../tools/accounting/read-snapshot';
import { readTopic } from '../../tools/accounting/read-topic';
import { type Recount, recount } from '../../tools/accounting/recount';
import { readSettlement } from '../../tools/accounting/settlement';
import { type AppProcess, createAppProcess } from '../../tools/demo/app-process';
import { recordProcess } from '../../tools/demo/left-behind';
import {
  appEnvironment,
  APP_NAMES,
  type AppName,
  type DemoNames,
  type DemoPorts,
  type DemoSecrets,
  type ServerAddresses,
  withDatabase,
} from '../../tools/demo/demo-environment';
import { findFreePorts, type LocalStack, prepareStack } from '../../tools/local-stack';
import { createE2eStack, processDir, ROOT, stackDir } from './e2e-stack';

const FIRST_PORT = 28_000;
/** All work has finished within this time after any kill (docs: 90 s at the default settings). */
const SETTLE_DEADLINE_MS = 90_000;

export interface SystemOptions {
  /** Name of the suite, and of its log folder next to the servers' logs. */
  readonly name: string;
  /** Whether every app writes its spans to its own file. */
  readonly withTraces?: boolean;
  /** Variables of this suite in addition to addresses and names. */
  readonly env?: Partial<Readonly<Record<AppName, Readonly<Record<string, string>>>>>;
}

/** The four services as processes, with their own names on servers that all suites share. None is running at first. */
export interface TestSystem {
  readonly stack: LocalStack;
  readonly servers: ServerAddresses;
  readonly names: DemoNames;
  readonly ports: DemoPorts;
  readonly secrets: DemoSecrets;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly admin: TopicAdmin;
  readonly apps: Readonly<Record<AppName, AppProcess>>;
  /** The spans that an app has finished, read from its file. */
  traceFile(app: AppName): string;
  /** Waits until every record of the topic is decided and no execution is open. */
  settle(timeoutMs?: number): Promise<void>;
  /** Waits until the group has committed the end of the topic. */
  untilGroupIsAtEnd(timeoutMs?: number): Promise<void>;
  snapshot(): Promise<StoredSnapshot>;
  recount(expectedSignalIds?: Iterable<string>): Promise<Recount>;
  /** Stops everything that is running; removes topic and database. */
  dispose(): Promise<void>;
}

/** Starts the servers if necessary, and prepares database and topic. */
export async function createSystem(options: SystemOptions): Promise<TestSystem> {
  const stack = createE2eStack();
  const { kafkaKind } = await stack.start();
  const servers = stack.environment() as unknown as ServerAddresses;
  const names = createNames(options.name);
  const ports = await choosePorts();
  const secrets = {
    jwtSecret: uniqueName('jwt_secret_of_a_test'),
    webhookKey: uniqueName('webhook_key_of_a_test_suite'),
    password: uniqueName('password'),
  };
  const databaseUrl = withDatabase(servers.DATABASE_URL, names.database);
  await prepareStack({
    environment: { ...servers, DATABASE_URL: databaseUrl, KAFKA_TOPIC_SIGNALS: names.topic },
    kafkaKind,
  });
  const traceFile = (app: AppName): string => join(names.stateDir, `${app}.spans.jsonl`);
  const apps = createApps({ servers, names, ports, secrets }, options, traceFile);
  const database = createDatabase(createDatabaseConfig(databaseUrl, { poolSize: 2 }));
  const admin = createTopicAdmin(
    createKafkaConnection(kafkaConfigSchema.parse({ ...servers, KAFKA_CLIENT_ID: 'e2e' })),
  );
  await Promise.all([database.start(), admin.start()]);
  return {
    ...{ stack, servers, names, ports, secrets, database, databaseUrl, admin, apps, traceFile },
    ...accounting(database, admin, names),
    async dispose() {
      for (const app of [...APP_NAMES].reverse()) await apps[app].stop();
      await admin.deleteTopic(names.topic);
      await Promise.allSettled([database.stop(), admin.stop()]);
      await dropDatabase(servers.DATABASE_URL, names.database);
    },
  };
}

function accounting(database: Database, admin: TopicAdmin, { topic, group }: DemoNames) {
  return {
    async settle(timeoutMs = SETTLE_DEADLINE_MS): Promise<void> {
      const isSettled = async (): Promise<void> => {
        const settlement = await readSettlement(admin, database, topic);
        if (!settlement.isSettled) throw new Error(JSON.stringify(settlement));
      };
      await eventually(isSettled, { timeoutMs, intervalMs: 100, description: 'an end of all work' });
    },
    async untilGroupIsAtEnd(timeoutMs = 30_000): Promise<void> {
      const isAtEnd = async (): Promise<boolean> => {
        const partitions = await admin.groupLag(group, topic);
        return partitions.every(({ lag }) => lag === 0n);
      };
      await eventually(isAtEnd, { timeoutMs, intervalMs: 100, description: 'the end of the topic' });
    },
    snapshot: (): Promise<StoredSnapshot> => readSnapshot(database, topic),
    async recount(expected: Iterable<string> = []): Promise<Recount> {
      const pipelines = await createPipelineRepository(database).loadActive();
      return recount(await readTopic(admin, topic), await readSnapshot(database, topic), pipelines, expected);
    },
  };
}

function createNames(suite: string): DemoNames {
  const name = uniqueName(`e2e_${suite}`);
  const stateDir = join(stackDir(), 'state', suite);
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
  const logDir = join(ROOT, '.local', 'logs', basename(stackDir()), suite);
  return { database: name, topic: name, group: name, redisPrefix: `{${name}}`, stateDir, logDir };
}

async function choosePorts(): Promise<DemoPorts> {
  const [api, ...metrics] = await findFreePorts([FIRST_PORT, ...APP_NAMES.map((_, index) => FIRST_PORT + 1 + index)]);
  return {
    api: api as number,
    metrics: Object.fromEntries(APP_NAMES.map((name, index) => [name, metrics[index]])) as Record<AppName, number>,
  };
}

function createApps(
  context: Pick<TestSystem, 'servers' | 'names' | 'ports' | 'secrets'>,
  options: SystemOptions,
  traceFile: (app: AppName) => string,
): Record<AppName, AppProcess> {
  const create = (app: AppName): AppProcess => {
    const extra = { ...(options.withTraces && { OTEL_TRACES_FILE: traceFile(app) }), ...options.env?.[app] };
    // Remove Jest's own variables, because a service in production does not have them.
    const { NODE_ENV: _env, JEST_WORKER_ID: _worker, ...env } = appEnvironment({ app, ...context, extra });
    return createAppProcess({
      name: app,
      distDir: join(ROOT, 'dist', 'apps', app),
      env,
      logFile: join(context.names.logDir, `${app}.log`),
      metricsPort: context.ports.metrics[app],
      onLaunched: (pid) => recordProcess(processDir(), `${context.names.group}-${app}`, pid),
    });
  };
  return Object.fromEntries(APP_NAMES.map((app) => [app, create(app)])) as Record<AppName, AppProcess>;
}
