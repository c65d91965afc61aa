import { readFileSync } from 'node:fs';

import { integer, Secret } from '@tripline/runtime';
import { z } from 'zod';

import type { Fairness } from '../executions/priority-classes';

export interface RedisConfig {
  /** May contain a password. */
  readonly url: Secret;
  /** Key prefix with a hash tag, so that all keys of a queue live in one slot of a Redis Cluster. */
  readonly prefix: string;
  /** PEM text of the CA that signed the server's certificate; only with rediss://. */
  readonly tlsCa?: string;
  /** Fair order between users; see `PriorityClasses`. */
  readonly fairness?: Fairness;
}

/** Ten executions per second for each user: far more than one person's signals need, far less than the workers can do. */
export const DEFAULT_FAIRNESS: Fairness = { ratePerSecond: 10, burst: 20 };

const URL_RULE = 'must be redis://host:port or rediss://host:port';

/** Parses REDIS_* and QUEUE_*. Reads the CA file here, so a wrong path stops the process at once. */
export const redisConfigSchema = z
  .object({
    REDIS_URL: z
      .string()
      .trim()
      .refine((url) => URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol), URL_RULE),
    REDIS_PREFIX: z
      .string()
      .regex(/^\{[A-Za-z0-9_-]{1,40}\}$/, 'must be a Redis Cluster hash tag like {tripline}')
      .default('{tripline}'),
    REDIS_TLS_CA_FILE: z.string().trim().optional(),
    QUEUE_FAIR_RATE: integer(DEFAULT_FAIRNESS.ratePerSecond, { min: 1, max: 100_000 }),
    QUEUE_FAIR_BURST: integer(DEFAULT_FAIRNESS.burst, { min: 1, max: 100_000 }),
  })
  .transform((env, context): RedisConfig => {
    const refuse = (message: string): undefined => {
      context.addIssue({ code: 'custom', path: ['REDIS_TLS_CA_FILE'], message, input: undefined });
    };
    const tlsCa = env.REDIS_TLS_CA_FILE === undefined ? undefined : readPem(env.REDIS_TLS_CA_FILE, refuse);
    if (tlsCa !== undefined && !env.REDIS_URL.startsWith('rediss://')) refuse('requires a rediss:// REDIS_URL');
    return {
      url: new Secret(env.REDIS_URL),
      prefix: env.REDIS_PREFIX,
      fairness: { ratePerSecond: env.QUEUE_FAIR_RATE, burst: env.QUEUE_FAIR_BURST },
      ...(tlsCa === undefined ? {} : { tlsCa }),
    };
  });

function readPem(path: string, refuse: (message: string) => undefined): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return refuse(`names a file that cannot be read (${code})`);
  }
}
