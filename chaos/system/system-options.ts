import type { Servers } from './servers';

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
