import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { createKafkaConnection, createTopicAdmin, kafkaConfigSchema, type TopicAdmin } from '@tripline/messaging';
import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import type { Pipeline } from '@tripline/triggers';

import { withDatabase } from '../../tools/demo/demo-environment';
import { findFreePort, prepareStack } from '../../tools/local-stack';
import { buildProcesses } from './build-processes';
import { environmentOf, type Place } from './environment';
import { seedPipelines } from './pipelines';
import { ROOT, type Servers } from './servers';
import { SupervisedProcess } from './supervised-process';
import type { Role, SystemNames, SystemOptions } from './system-options';

/** Our services as processes that share one set of names. */
export interface TradingSystem {
  readonly servers: Servers;
  readonly names: SystemNames;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly admin: TopicAdmin;
  readonly pipelines: readonly Pipeline[];
  readonly processes: readonly SupervisedProcess[];
  readonly seed: number;
  /** Part P of the audit snapshot, for the load. */
  readonly journalFile: string;
  /** Part B of the audit snapshot. */
  readonly brokerFile: string;
  /** Every failpoint that fired. */
  readonly evidenceFile: string;
  /** Adds a process of a role without launching it. */
  add(role: Role, name: string): Promise<SupervisedProcess>;
  all(role: Role): readonly SupervisedProcess[];
  /** Closes the harness' own connections and stops all processes. */
  dispose(): Promise<void>;
}

/** Two systems at once need different ports, so the second gets another base. */
const FIRST_METRICS_PORT = Number(process.env['CHAOS_FIRST_PORT'] ?? 28_500);

/** Prepares database, topic and pipelines; starts no processes. */
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
  const files = {
    journalFile: join(names.dir, 'load.journal'),
    evidenceFile: join(names.dir, 'failpoints.jsonl'),
    brokerFile: join(names.dir, 'broker.jsonl'),
  };
  const { processes, add, all } = createProcesses(options, names, {
    ...files,
    brokerPort: await findFreePort(FIRST_METRICS_PORT - 1),
  });
  return {
    ...{ servers, names, database, databaseUrl, admin, pipelines, processes, seed, add, all, ...files },
    async dispose() {
      await Promise.all(processes.map((process) => process.retire()));
      await Promise.allSettled([database.stop(), admin.stop()]);
    },
  };
}

function createProcesses(
  options: SystemOptions,
  names: SystemNames,
  place: Omit<Place, 'name' | 'port'>,
): Pick<TradingSystem, 'processes' | 'add' | 'all'> {
  const { dir } = options.servers;
  const own = buildProcesses(dir);
  const processes: SupervisedProcess[] = [];
  const roles = new Map<SupervisedProcess, Role>();
  return {
    processes,
    async add(role, name) {
      const taken = new Set(processes.map(({ metricsPort }) => metricsPort ?? 0));
      const port = await findFreePort(FIRST_METRICS_PORT + processes.length, taken);
      const process = new SupervisedProcess({
        name,
        args: argumentsOf(role, own),
        cwd: ROOT,
        env: environmentOf(role, options, names, { ...place, name, port }),
        logFile: join(names.dir, `${name}.log`),
        noteDir: join(dir, 'processes'),
        metricsPort: role === 'load' || role === 'broker' ? null : port,
      });
      processes.push(process);
      roles.set(process, role);
      return process;
    },
    all: (role) => processes.filter((process) => roles.get(process) === role),
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
