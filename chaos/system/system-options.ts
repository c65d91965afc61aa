import type { Servers } from './servers';

/** The kinds of processes under test. */
export type Role = 'load' | 'generator' | 'dispatcher' | 'worker' | 'api' | 'broker';

/** Names in Kafka, Redis, PostgreSQL and on disk that isolate one phase from another. */
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
  /** Variables for all processes of a role; they override those of the harness. */
  readonly env?: Partial<Readonly<Record<Role, Readonly<Record<string, string>>>>>;
  /** Use the product's defaults instead of the short time-outs of the harness. */
  readonly atDefaults?: boolean;
  /** Venues of the pipelines. Default `both`: half of them trade at the external venue. */
  readonly venues?: 'both' | 'paper';
}
