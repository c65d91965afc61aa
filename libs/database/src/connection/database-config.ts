import { booleanFlag, durationMs, integer, isKnownSample, PRODUCTION, Secret, secret } from '@tripline/runtime';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface DatabaseConfig {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: Secret;
  /**
   * Connections of this process. The sum over all processes, doubled for rolling deploys, must stay below
   * max_connections.
   */
  readonly poolSize: number;
  /** False: no TLS. Otherwise the server's certificate is checked against this CA (or the system's). */
  readonly ssl: { readonly ca: string | undefined; readonly rejectUnauthorized: boolean } | false;
  readonly applicationName: string;
  /**
   * PostgreSQL's `plan_cache_mode`. `force_generic_plan` plans a prepared statement once instead of for each set of
   * parameters.
   */
  readonly planCacheMode: 'auto' | 'force_generic_plan';
  /**
   * `lookups` makes the planner use an index wherever possible. It is for the pools of the hot paths, whose statements
   * all look rows up by key. Reports and lists need `default`, because they read ranges and whole tables.
   */
  readonly planner: 'default' | 'lookups';
  readonly connectTimeoutMs: number;
  /** Client-side timeout for a server that does not answer at all. */
  readonly queryTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  /** Total time limit of a retried operation. */
  readonly retryDeadlineMs: number;
}

const isPostgresUrl = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1;
};

/** The password of the local stack's server, which listens only on the loopback interface. */
const LOCAL_PASSWORD = 'tripline';

const passwordOf = (url: Secret): string => decodeURIComponent(new URL(url.reveal()).password);

/** Environment of every process that uses the database. The URL never appears in an error. */
export const databaseConfigSchema = z
  .object({
    NODE_ENV: z.string().optional(),
    DATABASE_URL: secret()
      .refine((url) => isPostgresUrl(url.reveal()), {
        message: 'must be postgresql://user:password@host:port/database',
        abort: true,
      })
      .refine((url) => !isKnownSample(passwordOf(url)), {
        message: 'uses a published sample password: set your own',
        abort: true,
      }),
    DATABASE_POOL_SIZE: integer(10, { min: 1, max: 200 }),
    DATABASE_SSL: booleanFlag(false),
    DATABASE_SSL_CA_FILE: z.string().min(1).optional(),
    DATABASE_SSL_REJECT_UNAUTHORIZED: booleanFlag(true),
    DATABASE_APPLICATION_NAME: z.string().max(60).default('tripline'),
    DATABASE_CONNECT_TIMEOUT_MS: durationMs(5_000, { minMs: 1 }),
    DATABASE_QUERY_TIMEOUT_MS: durationMs(10_000, { minMs: 1 }),
    DATABASE_STATEMENT_TIMEOUT_MS: durationMs(8_000, { minMs: 1 }),
    DATABASE_LOCK_TIMEOUT_MS: durationMs(3_000, { minMs: 1 }),
    DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: durationMs(10_000, { minMs: 1 }),
    DATABASE_RETRY_DEADLINE_MS: durationMs(20_000, { minMs: 1 }),
  })
  .refine((env) => env.NODE_ENV !== PRODUCTION || passwordOf(env.DATABASE_URL) !== LOCAL_PASSWORD, {
    path: ['DATABASE_URL'],
    message: 'uses the password of the local stack, which is not allowed in production: set your own',
  })
  .refine((env) => env.DATABASE_STATEMENT_TIMEOUT_MS <= env.DATABASE_QUERY_TIMEOUT_MS, {
    path: ['DATABASE_STATEMENT_TIMEOUT_MS'],
    message: 'must not exceed DATABASE_QUERY_TIMEOUT_MS, or the server keeps working after the client has given up',
  })
  .transform((env, context): DatabaseConfig => {
    const ca = readCa(env.DATABASE_SSL_CA_FILE);
    if (ca === null) {
      context.addIssue({ code: 'custom', path: ['DATABASE_SSL_CA_FILE'], message: 'must name a readable file' });
      return z.NEVER;
    }
    const withTls = env.DATABASE_SSL || env.DATABASE_SSL_CA_FILE !== undefined;
    return {
      ...createDatabaseConfig(env.DATABASE_URL.reveal()),
      poolSize: env.DATABASE_POOL_SIZE,
      ssl: withTls ? { ca, rejectUnauthorized: env.DATABASE_SSL_REJECT_UNAUTHORIZED } : false,
      applicationName: env.DATABASE_APPLICATION_NAME,
      connectTimeoutMs: env.DATABASE_CONNECT_TIMEOUT_MS,
      queryTimeoutMs: env.DATABASE_QUERY_TIMEOUT_MS,
      statementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: env.DATABASE_LOCK_TIMEOUT_MS,
      idleInTransactionTimeoutMs: env.DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS,
      retryDeadlineMs: env.DATABASE_RETRY_DEADLINE_MS,
    };
  });

/** A configuration with the defaults above, for tools and tests. */
export function createDatabaseConfig(
  databaseUrl: string,
  overrides: Partial<Omit<DatabaseConfig, 'url'>> = {},
): DatabaseConfig {
  return {
    url: new Secret(databaseUrl),
    poolSize: 10,
    ssl: false,
    applicationName: 'tripline',
    planCacheMode: 'auto',
    planner: 'default',
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 10_000,
    statementTimeoutMs: 8_000,
    lockTimeoutMs: 3_000,
    idleInTransactionTimeoutMs: 10_000,
    retryDeadlineMs: 20_000,
    ...overrides,
  };
}

/** Undefined: no file configured. Null: not readable. */
function readCa(file: string | undefined): string | undefined | null {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
