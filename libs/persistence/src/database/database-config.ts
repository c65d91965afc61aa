import { z } from 'zod';

export interface DatabaseConfig {
  /** Holds the password: never log it. */
  readonly url: { reveal(): string };
  readonly poolSize: number;
  readonly ssl: { readonly ca: string | undefined; readonly rejectUnauthorized: boolean } | false;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  readonly retryDeadlineMs: number;
}
export declare const databaseConfigSchema: z.ZodType<DatabaseConfig>;
