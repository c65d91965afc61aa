import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { withDatabase } from '../../tools/demo/demo-environment';
import { EXTERNAL_VENUE, GENERATOR_TICKERS } from './pipelines';
import { addressesBy } from './servers';
import type { Role, SystemNames, SystemOptions } from './system-options';

/** The admin who starts executions manually. */
export const API_ADMIN = { email: 'admin@chaos.test', password: 'a password of the chaos harness' };
/** The same for every API process, so that tokens survive a restart. */
const JWT_SECRET = randomBytes(32).toString('hex');
/** Port of an API, derived from its metrics port. */
export const API_PORT_OF = (metricsPort: number): number => metricsPort + 400;

/**
 * Short time-outs for taking over a killed process' work, at the minimum that the configuration allows. This fits hundreds
 * of faults into an hour. A separate phase measures recovery at the defaults.
 */
const SHORT_WAITS: Partial<Record<Role, Readonly<Record<string, string>>>> = {
  dispatcher: {
    KAFKA_SESSION_TIMEOUT: '4s',
    SWEEP_INTERVAL: '1s',
    SWEEP_NOT_ENQUEUED_AFTER: '2s',
    SWEEP_STALE_JOB_AFTER: '5s',
    // Shorter than the outages, to also test giving up on the database.
    DATABASE_RETRY_DEADLINE_MS: '5s',
  },
  worker: { LEASE_DURATION: '8s', DATABASE_RETRY_DEADLINE_MS: '5s' },
};
/** Agents take time: at most half a second. */
export const SLOW_AGENTS = 'after-agents=delay(50..500)';
const MOCK_RATE = 10;

/** Values specific to one process, and the paths of its phase's files. */
export interface Place {
  readonly name: string;
  readonly port: number;
  readonly journalFile: string;
  readonly evidenceFile: string;
  readonly brokerFile: string;
  readonly brokerPort: number;
}

/** The environment of a process. */
export function environmentOf(
  role: Role,
  options: SystemOptions,
  names: SystemNames,
  place: Place,
): Record<string, string> {
  const { servers, seed, atDefaults = false } = options;
  if (role === 'broker') return { FAKE_BROKER_JOURNAL: place.brokerFile, FAKE_BROKER_PORT: String(place.brokerPort) };
  const app = role === 'load' ? 'generator' : role;
  const addresses: Record<string, string> = app === 'api' ? { ...servers.direct } : addressesBy(servers, app);
  const databaseUrl = addresses['DATABASE_URL'];
  return {
    PATH: process.env['PATH'] ?? '',
    // Halves the start-up time.
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
    // Other tests cover traces; start-up is faster without them.
    OTEL_SDK_DISABLED: 'true',
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
        // Splits the jobs of one chunk over several requests, so that a fault can hit between two of them.
        ENQUEUE_BULK_JOBS: '2',
        // Failpoints end the process at the same record many times; that record must not be quarantined.
        QUARANTINE_AFTER_CRASHES: '100',
      };
    case 'worker':
      return {
        WORKER_NAME: place.name,
        WORKER_CONCURRENCY: '10',
        FAILPOINTS: SLOW_AGENTS,
        BROKER_URL: `http://127.0.0.1:${place.brokerPort}`,
        BROKER_VENUES: EXTERNAL_VENUE,
        BROKER_TIMEOUT: '1s',
      };
    case 'api':
      return {
        API_HOST: '127.0.0.1',
        API_PORT: String(API_PORT_OF(place.port)),
        API_DRAIN_DELAY: '0',
        JWT_SECRET,
        ADMIN_EMAIL: API_ADMIN.email,
        ADMIN_PASSWORD: API_ADMIN.password,
        LOGIN_LIMIT_PER_MINUTE: '1000',
        RATE_LIMIT_PER_MINUTE: '100000',
      };
  }
}
