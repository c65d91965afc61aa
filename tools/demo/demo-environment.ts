import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { findFreePorts } from '../local-stack';

export const ROOT = resolve(__dirname, '../..');
export const LOCAL_DIR = join(ROOT, '.local');

export const APP_NAMES = ['api', 'worker', 'trigger-dispatcher', 'signal-generator'] as const;
export type AppName = (typeof APP_NAMES)[number];

/** Preferred metrics ports of the four services on one host; a port in use is replaced by the next free one. */
const METRICS_PORTS: Readonly<Record<AppName, number>> = {
  api: 8001,
  worker: 8002,
  'signal-generator': 8003,
  'trigger-dispatcher': 8004,
};
const API_PORT = 8000;

/** Secrets of this clone's demo, generated once and readable only by the owner. */
export interface DemoSecrets {
  readonly jwtSecret: string;
  readonly webhookKey: string;
  /** One password for all demo users; they exist only on this machine. */
  readonly password: string;
}

export interface DemoPorts {
  readonly api: number;
  readonly metrics: Readonly<Record<AppName, number>>;
}

/** Names in Kafka, Redis, PostgreSQL and on disk that separate one demo from another. */
export interface DemoNames {
  readonly database: string;
  readonly topic: string;
  readonly group: string;
  readonly redisPrefix: string;
  readonly stateDir: string;
  readonly logDir: string;
}

export function loadSecrets(): DemoSecrets {
  const file = join(LOCAL_DIR, 'demo', 'secrets.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<DemoSecrets>) : {};
  // A file written by an earlier version may lack newer secrets.
  const secrets: DemoSecrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    webhookKey: randomBytes(48).toString('base64url'),
    password: `demo-${randomBytes(9).toString('base64url')}`,
    ...known,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

export async function choosePorts(): Promise<DemoPorts> {
  const [api, ...metrics] = await findFreePorts([API_PORT, ...APP_NAMES.map((name) => METRICS_PORTS[name])]);
  return {
    api: api as number,
    metrics: Object.fromEntries(APP_NAMES.map((name, index) => [name, metrics[index]])) as Record<AppName, number>,
  };
}

/** Addresses of the three servers, from the local stack or the environment. */
export interface ServerAddresses {
  readonly KAFKA_BROKERS: string;
  readonly REDIS_URL: string;
  readonly DATABASE_URL: string;
  readonly [more: string]: string;
}

/** The same server with another database. */
export function withDatabase(databaseUrl: string, database: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  return url.toString();
}

/** The environment of one app. */
export function appEnvironment(options: {
  readonly app: AppName;
  readonly servers: ServerAddresses;
  readonly names: DemoNames;
  readonly ports: DemoPorts;
  readonly secrets: DemoSecrets;
  readonly extra: Readonly<Record<string, string>>;
}): Record<string, string> {
  const { app, servers, names, ports, secrets, extra } = options;
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return {
    ...inherited,
    ...servers,
    DATABASE_URL: withDatabase(servers.DATABASE_URL, names.database),
    REDIS_PREFIX: names.redisPrefix,
    KAFKA_CLIENT_ID: app,
    KAFKA_TOPIC_SIGNALS: names.topic,
    KAFKA_GROUP_ID: names.group,
    METRICS_PORT: String(ports.metrics[app]),
    METRICS_HOST: '127.0.0.1',
    STATE_DIR: names.stateDir,
    ...(app === 'api' && {
      API_HOST: '127.0.0.1',
      API_PORT: String(ports.api),
      // There is no load balancer here that must notice the stop first.
      API_DRAIN_DELAY: '0',
      JWT_SECRET: secrets.jwtSecret,
      WEBHOOK_KEY: secrets.webhookKey,
      ADMIN_EMAIL: 'admin@tripline.local',
      ADMIN_PASSWORD: secrets.password,
      // Seeding logs in three users at once from one address.
      LOGIN_LIMIT_PER_MINUTE: '60',
    }),
    ...extra,
  };
}
