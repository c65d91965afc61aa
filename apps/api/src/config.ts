import { randomBytes } from 'node:crypto';

import { TRADING_SIGNALS_TOPIC } from '@tripline/contracts';
import { kafkaConfigSchema } from '@tripline/messaging';
import { databaseConfigSchema } from '@tripline/database';
import { redisConfigSchema } from '@tripline/queue';
import {
  commonConfigFields,
  csvList,
  durationMs,
  integer,
  parseConfigParts,
  port,
  PRODUCTION,
  Secret,
  secret,
  toCommonConfig,
  type Environment,
} from '@tripline/runtime';
import { z } from 'zod';

import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './auth/passwords';
import { emailSchema } from './users/user-schemas';

const MIN_SECRET_LENGTH = 32;

const apiEnvironment = z
  .object({
    ...commonConfigFields,
    API_HOST: z.string().default('0.0.0.0'),
    API_PORT: port(8000),
    JWT_SECRET: secret({ minLength: MIN_SECRET_LENGTH }).optional(),
    WEBHOOK_KEY: secret({ minLength: MIN_SECRET_LENGTH }).optional(),
    WEBHOOK_KEY_PREVIOUS: secret({ minLength: MIN_SECRET_LENGTH }).optional(),
    JWT_TTL: durationMs(3_600_000, { minMs: 60_000, maxMs: 7 * 86_400_000 }),
    ADMIN_EMAIL: emailSchema.optional(),
    ADMIN_PASSWORD: secret({ minLength: MIN_PASSWORD_LENGTH }).optional(),
    API_DRAIN_DELAY: durationMs(5_000, { maxMs: 300_000 }),
    CORS_ORIGINS: csvList(),
    TRUSTED_PROXIES: csvList(),
    RATE_LIMIT_PER_MINUTE: integer(1200, { min: 1 }),
    LOGIN_LIMIT_PER_MINUTE: integer(5, { min: 1 }),
    LOGIN_LIMIT_PER_ACCOUNT: integer(10, { min: 1 }),
    WEBHOOK_LIMIT_PER_MINUTE: integer(600, { min: 1 }),
    MAX_PIPELINES_PER_USER: integer(200, { min: 1 }),
    MAX_WILDCARD_PIPELINES_PER_USER: integer(10),
    MAX_SCANNERS_PER_USER: integer(100),
    MAX_WEBHOOKS_PER_USER: integer(50),
    BODY_LIMIT_BYTES: integer(256 * 1024, { min: 1024, max: 16 * 1024 * 1024 }),
    REQUEST_TIMEOUT_MS: durationMs(15_000, { minMs: 100, maxMs: 300_000 }),
    CONNECTION_TIMEOUT_MS: durationMs(20_000, { minMs: 100, maxMs: 600_000 }),
    SYSTEM_METRICS_INTERVAL_MS: durationMs(15_000, { minMs: 100, maxMs: 600_000 }),
    SIMULATION_MAX_RECORDS: integer(200_000, { min: 1, max: 10_000_000 }),
    SIMULATION_MAX_DURATION: durationMs(8_000, { minMs: 100, maxMs: 300_000 }),
    SIMULATION_PLACES: integer(2, { min: 1, max: 16 }),
    KAFKA_TOPIC_SIGNALS: z.string().min(1).max(249).default(TRADING_SIGNALS_TOPIC.name),
  })
  .superRefine((env, context) => {
    const refuse = (variable: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [variable], message });
    for (const variable of ['JWT_SECRET', 'WEBHOOK_KEY'] as const) {
      if (env.NODE_ENV === PRODUCTION && env[variable] === undefined) {
        refuse(variable, `is required in production, with at least ${MIN_SECRET_LENGTH} characters`);
      }
    }
    if (env.WEBHOOK_KEY !== undefined && env.WEBHOOK_KEY.reveal() === env.JWT_SECRET?.reveal()) {
      refuse('WEBHOOK_KEY', 'must not be the JWT_SECRET');
    }
    if (env.API_DRAIN_DELAY >= env.STOP_DEADLINE_MS) {
      refuse('API_DRAIN_DELAY', 'must be shorter than STOP_DEADLINE_MS, which includes it');
    }
    if ((env.ADMIN_EMAIL === undefined) !== (env.ADMIN_PASSWORD === undefined)) {
      refuse('ADMIN_PASSWORD', 'must be set together with ADMIN_EMAIL');
    }
    if ((env.ADMIN_PASSWORD?.reveal().length ?? 0) > MAX_PASSWORD_LENGTH) {
      refuse('ADMIN_PASSWORD', `must have at most ${MAX_PASSWORD_LENGTH} characters`);
    }
  });

/** Settings of the API, parsed once. */
export type ApiConfig = ReturnType<typeof loadConfig>;

/**
 * Parses the environment.
 *
 * @throws ConfigError that names every invalid variable with its rule
 */
export function loadConfig(env: Environment) {
  const { api, kafka, redis, database } = parseConfigParts(
    { api: apiEnvironment, kafka: kafkaConfigSchema, redis: redisConfigSchema, database: databaseConfigSchema },
    env,
  );
  return Object.freeze({
    ...toCommonConfig(api),
    drainDelayMs: api.API_DRAIN_DELAY,
    listen: { host: api.API_HOST, port: api.API_PORT },
    http: {
      corsOrigins: api.CORS_ORIGINS,
      trustedProxies: api.TRUSTED_PROXIES,
      rateLimitPerMinute: api.RATE_LIMIT_PER_MINUTE,
      bodyLimitBytes: api.BODY_LIMIT_BYTES,
      requestTimeoutMs: api.REQUEST_TIMEOUT_MS,
      connectionTimeoutMs: api.CONNECTION_TIMEOUT_MS,
    },
    auth: {
      ...givenOrRandom(api.JWT_SECRET),
      tokenTtlMs: api.JWT_TTL,
      loginLimitPerMinute: api.LOGIN_LIMIT_PER_MINUTE,
      loginLimitPerAccount: api.LOGIN_LIMIT_PER_ACCOUNT,
      firstAdmin:
        api.ADMIN_EMAIL !== undefined && api.ADMIN_PASSWORD !== undefined
          ? { email: api.ADMIN_EMAIL, password: api.ADMIN_PASSWORD }
          : null,
    },
    webhookKeys: { ...givenOrRandom(api.WEBHOOK_KEY), previous: api.WEBHOOK_KEY_PREVIOUS },
    webhookLimitPerMinute: api.WEBHOOK_LIMIT_PER_MINUTE,
    userLimits: {
      maxPipelines: api.MAX_PIPELINES_PER_USER,
      maxWildcardPipelines: api.MAX_WILDCARD_PIPELINES_PER_USER,
      maxScanners: api.MAX_SCANNERS_PER_USER,
      maxWebhooks: api.MAX_WEBHOOKS_PER_USER,
    },
    systemMetricsIntervalMs: api.SYSTEM_METRICS_INTERVAL_MS,
    signalsTopic: api.KAFKA_TOPIC_SIGNALS,
    simulation: {
      maxRecords: api.SIMULATION_MAX_RECORDS,
      maxMs: api.SIMULATION_MAX_DURATION,
      places: api.SIMULATION_PLACES,
    },
    kafka,
    redis,
    database,
  });
}

/** Outside production a random secret is enough, although whatever it signs is invalid after a restart and in other processes. */
function givenOrRandom(given: Secret | undefined): { secret: Secret; isEphemeral: boolean } {
  return given === undefined
    ? { secret: new Secret(randomBytes(48).toString('base64url')), isEphemeral: true }
    : { secret: given, isEphemeral: false };
}
