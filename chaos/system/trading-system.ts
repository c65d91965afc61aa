import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { createKafkaConnection, createTopicAdmin, kafkaConfigSchema, type TopicAdmin } from '@tripline/messaging';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/persistence';
import type { Pipeline } from '@tripline/domain';

import { withDatabase } from '../../tools/demo/demo-environment';
import { findFreePort, prepareStack } from '../../tools/local-stack';
import { buildProcesses } from './build-processes';
import { GENERATOR_TICKERS, seedPipelines } from './pipelines';
import { addressesBy, ROOT, type Servers } from './servers';
import { SupervisedProcess } from './supervised-process';

/** The kinds of processes under test. */
export type Role = 'load' | 'generator' | 'dispatcher' | 'worker' | 'api' | 'broker';

/** Names in Kafka, Redis, PostgreSQL and on disk that make one phase independent of another. */
export interface SystemNames {
  readonly database: string;
  readonly topic: string;
  readonly group: string;
  readonly redisPrefix: string;
  readonly dir: string;
}

export interface SystemOptions {
  readonly servers: Servers;
  readonly phase: string;
  readonly seed: number;
  /** Variables for every process of a role, over those of the harness. */
  readonly env?: Partial<Readonly<Record<Role, Readonly<Record<string, string>>>>>;
  /** Defaults of the product instead of the short waits of the harness. */
  readonly atDefaults?: boolean;
  /** Where the pipelines trade; `both` unless told otherwise: half of them with the broker that drops nothing. */
  readonly venues?: 'both' | 'paper';
}

/** Our services as processes with one set of names. */
export interface TradingSystem {
  readonly servers: Servers;
  readonly names: SystemNames;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly admin: TopicAdmin;
  readonly pipelines: readonly Pipeline[];
  readonly processes: readonly SupervisedProcess[];
  readonly seed: number;
  /** Book P of the load. */
  readonly journalFile: string;
  /** Book B. */
  readonly brokerFile: string;
  /** Every failpoint that acted. */
  readonly evidenceFile: string;
  /** One more process of a role; not launched yet. */
  add(role: Role, name: string, env?: Readonly<Record<string, string>>): Promise<SupervisedProcess>;
  all(role: Role): readonly SupervisedProcess[];
  /** Closes the harness' own connections and stops all processes. */
  dispose(): Promise<void>;
}

/**
 * The waits that decide how soon the work of a killed process is taken over, at the lower end of what the configuration
 * allows, so that hundreds of faults fit into an hour. Recovery at the defaults is measured in a phase of its own.
 */
const SHORT_WAITS: Partial<Record<Role, Readonly<Record<string, string>>>> = {
  dispatcher: {
    KAFKA_SESSION_TIMEOUT: '3s',
    SWEEP_INTERVAL: '1s',
    SWEEP_NOT_ENQUEUED_AFTER: '2s',
    SWEEP_STALE_JOB_AFTER: '10s',
    // Shorter than the outages, so that giving up on the database is tried as well.
    DATABASE_RETRY_DEADLINE_MS: '5s',
  },
  worker: { LEASE_DURATION: '8s', DATABASE_RETRY_DEADLINE_MS: '5s' },
};
/** Agents that take their time: half a second at most. */
export const SLOW_AGENTS = 'W3=delay(50..500)';
const FIRST_METRICS_PORT = 28_500;
const MOCK_RATE = 10;

/** Prepares database, topic and pipelines; nothing runs yet. */
export async function createTradingSystem(options: SystemOptions): Promise<TradingSystem> {
  const { servers, seed } = options;
  const names = createNames(servers.dir, options.phase);
  const databaseUrl = withDatabase(servers.direct.DATABASE_URL, names.database);
  await prepareStack({
    environment: { ...servers.direct, DATABASE_URL: databaseUrl, KAFKA_TOPIC_SIGNALS: names.topic },
    kafkaKind: 'embedded',
  });
  const database = createDatabase(createDatabaseConfig(databaseUrl, { poolSize: 8 }));
  const connection = kafkaConfigSchema.parse({ KAFKA_BROKERS: servers.direct.KAFKA_BROKERS, KAFKA_CLIENT_ID: 'chaos' });
  const admin = createTopicAdmin(createKafkaConnection(connection));
  await Promise.all([database.start(), admin.start()]);
  const pipelines = await seedPipelines(database, options.venues ?? 'both');
  const own = buildProcesses(servers.dir);
  const processes: SupervisedProcess[] = [];
  const journalFile = join(names.dir, 'load.journal');
  const evidenceFile = join(names.dir, 'failpoints.jsonl');
  const brokerFile = join(names.dir, 'broker.jsonl');
  const brokerPort = await findFreePort(FIRST_METRICS_PORT - 1);
  const roles = new Map<SupervisedProcess, Role>();

  const add: TradingSystem['add'] = async (role, name, env = {}) => {
    const taken = new Set(processes.map(({ metricsPort }) => metricsPort ?? 0));
    const port = await findFreePort(FIRST_METRICS_PORT + processes.length, taken);
    const process = new SupervisedProcess({
      name,
      args: argumentsOf(role, own),
      cwd: ROOT,
      env: {
        ...environmentOf(role, options, names, { name, port, journalFile, evidenceFile, brokerFile, brokerPort }),
        ...env,
      },
      logFile: join(names.dir, `${name}.log`),
      noteDir: join(servers.dir, 'processes'),
      metricsPort: role === 'load' || role === 'broker' ? null : port,
    });
    processes.push(process);
    roles.set(process, role);
    return process;
  };
  return {
    ...{
      servers,
      names,
      database,
      databaseUrl,
      admin,
      pipelines,
      processes,
      seed,
      journalFile,
      brokerFile,
      evidenceFile,
      add,
    },
    all: (role) => processes.filter((process) => roles.get(process) === role),
    async dispose() {
      await Promise.all(processes.map((process) => process.retire()));
      await Promise.allSettled([database.stop(), admin.stop()]);
    },
  };
}

const APP_OF = {
  generator: 'signal-generator',
  dispatcher: 'trigger-dispatcher',
  worker: 'worker',
  api: 'api',
} as const;

function argumentsOf(role: Role, own: ReturnType<typeof buildProcesses>): string[] {
  if (role === 'load') return [own.publisher];
  if (role === 'broker') return [own.broker];
  const distDir = join(ROOT, 'dist', 'apps', APP_OF[role]);
  return ['-r', `${distDir}/instrument.js`, `${distDir}/main.js`];
}

function createNames(runDir: string, phase: string): SystemNames {
  const name = `chaos_${phase}_${process.pid}`;
  const dir = join(runDir, phase);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  return { database: name, topic: name, group: name, redisPrefix: `{${name}}`, dir };
}

interface Place {
  readonly name: string;
  readonly port: number;
  readonly journalFile: string;
  readonly evidenceFile: string;
  readonly brokerFile: string;
  readonly brokerPort: number;
}

function environmentOf(role: Role, options: SystemOptions, names: SystemNames, place: Place): Record<string, string> {
  const { servers, seed, atDefaults = false } = options;
  if (role === 'broker') return { FAKE_BROKER_JOURNAL: place.brokerFile, FAKE_BROKER_PORT: String(place.brokerPort) };
  const app = role === 'load' ? 'generator' : role;
  const addresses: Record<string, string> = app === 'api' ? { ...servers.direct } : addressesBy(servers, app);
  const databaseUrl = addresses['DATABASE_URL'];
  return {
    PATH: process.env['PATH'] ?? '',
    // Halves the time of a start.
    NODE_COMPILE_CACHE: join(servers.dir, 'compile-cache'),
    ...addresses,
    ...(databaseUrl !== undefined && { DATABASE_URL: withDatabase(databaseUrl, names.database) }),
    DATABASE_APPLICATION_NAME: place.name,
    REDIS_PREFIX: names.redisPrefix,
    KAFKA_CLIENT_ID: place.name,
    KAFKA_TOPIC_SIGNALS: names.topic,
    KAFKA_GROUP_ID: names.group,
    METRICS_PORT: String(place.port),
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    FAILPOINTS_ALLOWED: 'yes',
    FAILPOINTS_EVIDENCE: place.evidenceFile,
    ...ownEnvironment(role, place, names, seed),
    ...(!atDefaults && SHORT_WAITS[role]),
    ...options.env?.[role],
  };
}

function ownEnvironment(
  role: Exclude<Role, 'broker'>,
  place: Place,
  names: SystemNames,
  seed: number,
): Record<string, string> {
  switch (role) {
    case 'load':
      return { LOAD_JOURNAL: place.journalFile, LOAD_SEED: String(seed) };
    case 'generator':
      return {
        FEEDS: 'mock',
        MOCK_SEED: String(seed),
        MOCK_TICKERS: GENERATOR_TICKERS.join(','),
        MOCK_RATE_PER_SECOND: String(MOCK_RATE),
        STATE_DIR: names.dir,
      };
    case 'dispatcher':
      return {
        // Several requests for the jobs of one chunk, so that there is something between them.
        ENQUEUE_BULK_JOBS: '2',
        // Failpoints end the process in the same record more often than the record could be blamed for.
        QUARANTINE_AFTER_STRIKES: '100',
      };
    case 'worker':
      return {
        WORKER_NAME: place.name,
        WORKER_CONCURRENCY: '10',
        FAILPOINTS: SLOW_AGENTS,
        BROKER_URL: `http://127.0.0.1:${place.brokerPort}`,
        BROKER_TIMEOUT: '1s',
      };
    case 'api':
      return { API_HOST: '127.0.0.1', API_PORT: '0', JWT_SECRET: 'a secret of the chaos harness, no one else uses it' };
  }
}
