import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A value that is revealed only where it is used; the runtime's `Secret` satisfies it. */
export interface SecretValue {
  reveal(): string;
}

export interface DatabaseConfig {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: SecretValue;
  /** Connections of this process; the sum over all processes, doubled for rolling deploys, stays below max_connections. */
  readonly poolSize: number;
  /** False: no TLS. Otherwise the server's certificate is checked against the CA (or the system's). */
  readonly ssl: { readonly ca: string | undefined; readonly rejectUnauthorized: boolean } | false;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** Client side: catches a server that does not answer at all. */
  readonly queryTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  /** How long a retried operation may take altogether. */
  readonly retryDeadlineMs: number;
}

const milliseconds = (fallback: number) => z.coerce.number().int().min(1).max(3_600_000).default(fallback);
const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');

const connectionUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1;
}, 'must be postgresql://user:password@host:port/database');

/** Environment of every process with a database. The URL never appears in an error. */
export const databaseConfigSchema = z
  .object({
    DATABASE_URL: connectionUrl,
    DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
    DATABASE_SSL: flag.optional(),
    DATABASE_SSL_CA_FILE: z.string().min(1).optional(),
    DATABASE_SSL_REJECT_UNAUTHORIZED: flag.default(true),
    DATABASE_APPLICATION_NAME: z.string().max(60).default('tripline'),
    DATABASE_CONNECT_TIMEOUT_MS: milliseconds(5_000),
    DATABASE_QUERY_TIMEOUT_MS: milliseconds(10_000),
    DATABASE_STATEMENT_TIMEOUT_MS: milliseconds(8_000),
    DATABASE_LOCK_TIMEOUT_MS: milliseconds(3_000),
    DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: milliseconds(10_000),
    DATABASE_RETRY_DEADLINE_MS: milliseconds(20_000),
  })
  .refine((env) => env.DATABASE_STATEMENT_TIMEOUT_MS <= env.DATABASE_QUERY_TIMEOUT_MS, {
    path: ['DATABASE_STATEMENT_TIMEOUT_MS'],
    message: 'must not exceed DATABASE_QUERY_TIMEOUT_MS, else the server works for a client that has gone',
  })
  .transform((env, context): DatabaseConfig => {
    const ca = readCa(env.DATABASE_SSL_CA_FILE);
    if (ca === null) {
      context.addIssue({ code: 'custom', path: ['DATABASE_SSL_CA_FILE'], message: 'must name a readable file' });
      return z.NEVER;
    }
    const withTls = env.DATABASE_SSL ?? env.DATABASE_SSL_CA_FILE !== undefined;
    return {
      ...createDatabaseConfig(env.DATABASE_URL),
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

/** A configuration with the defaults above; for tools and tests. */
export function createDatabaseConfig(
  databaseUrl: string,
  overrides: Partial<Omit<DatabaseConfig, 'url'>> = {},
): DatabaseConfig {
  return {
    url: hide(databaseUrl),
    poolSize: 10,
    ssl: false,
    applicationName: 'tripline',
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 10_000,
    statementTimeoutMs: 8_000,
    lockTimeoutMs: 3_000,
    idleInTransactionTimeoutMs: 10_000,
    retryDeadlineMs: 20_000,
    ...overrides,
  };
}

/** Printed, logged or serialised it reads as `[redacted]`. */
function hide(value: string): SecretValue {
  const redacted = () => '[redacted]';
  return Object.defineProperties(
    { reveal: () => value },
    {
      toString: { value: redacted },
      toJSON: { value: redacted },
      [Symbol.for('nodejs.util.inspect.custom')]: { value: redacted },
    },
  );
}

/** Undefined: no file named. Null: not readable. */
function readCa(file: string | undefined): string | undefined | null {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
