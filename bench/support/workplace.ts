import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import { createTestDatabase } from '@tripline/migrations';
import { uniqueName } from '@tripline/testing';

import { type AppProcess, createAppProcess } from '../../tools/demo/app-process';
import {
  appEnvironment,
  type AppName,
  type DemoNames,
  type DemoSecrets,
  withDatabase,
} from '../../tools/demo/demo-environment';
import { findFreePort } from '../../tools/local-stack';
import type { BenchContext } from './bench';
import { type BenchServers, ROOT } from './servers';

const FIRST_METRICS_PORT = 38_001;
const FIRST_API_PORT = 38_500;

/** The database, consumer group and Redis prefix of one measurement, and its services. */
export interface Workplace {
  readonly servers: BenchServers;
  readonly names: DemoNames;
  readonly database: Database;
  readonly databaseUrl: string;
  /** Creates a built service as its own process with its preload, with production settings overridden by `env`. Not started. */
  createApp(app: AppName, env?: Readonly<Record<string, string>>): Promise<AppProcess>;
  /** Stops the services and removes the database. */
  dispose(): Promise<void>;
}

/** Creates an empty, migrated workplace on `topic`; it is disposed of when the bench ends, if not before. */
export async function createWorkplace(context: BenchContext, topic: string): Promise<Workplace> {
  const servers = await context.servers();
  const made = await createTestDatabase(servers.addresses.DATABASE_URL, { prefix: 'bench' });
  const name = uniqueName('bench');
  const stateDir = join(ROOT, '.local', 'bench', 'state', name);
  mkdirSync(stateDir, { recursive: true });
  const logDir = join(ROOT, '.local', 'logs', 'bench', name);
  const names = { database: made.name, topic, group: name, redisPrefix: `{${name}}`, stateDir, logDir };
  const databaseUrl = withDatabase(servers.addresses.DATABASE_URL, made.name);
  const database = createDatabase(createDatabaseConfig(databaseUrl, { poolSize: 2 }));
  await database.start();
  const secrets = {
    jwtSecret: uniqueName('jwt_secret_of_a_bench_it_is'),
    webhookKey: uniqueName('webhook_key_of_a_bench_it_is'),
    password: uniqueName('password'),
  };
  const apps: AppProcess[] = [];
  let isDisposed = false;
  const workplace: Workplace = {
    servers,
    names,
    database,
    databaseUrl,
    async createApp(app, env = {}) {
      const made = await createApp({ servers, names, secrets }, app, env, apps.length);
      apps.push(made);
      return made;
    },
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      await Promise.all(apps.map(async (app) => app.stop()));
      await database.stop();
      await made.drop();
    },
  };
  context.onCleanup(() => workplace.dispose());
  return workplace;
}

async function createApp(
  { servers, names, secrets }: Pick<Workplace, 'servers' | 'names'> & { readonly secrets: DemoSecrets },
  app: AppName,
  env: Readonly<Record<string, string>>,
  index: number,
): Promise<AppProcess> {
  const metricsPort = await findFreePort(FIRST_METRICS_PORT + index * 10);
  const api = app === 'api' ? await findFreePort(FIRST_API_PORT) : FIRST_API_PORT;
  const metrics = { [app]: metricsPort } as Record<AppName, number>;
  return createAppProcess({
    name: app,
    distDir: join(ROOT, 'dist', 'apps', app),
    env: appEnvironment({ app, servers: servers.addresses, names, ports: { api, metrics }, secrets, extra: env }),
    logFile: join(names.logDir, `${app}.log`),
    metricsPort,
  });
}
