import { z } from 'zod';

/** A value that is revealed only where it is used; the runtime's `Secret` satisfies it. */
export interface SecretValue {
  reveal(): string;
}

export interface RedisConfig {
  /** May hold a password. */
  readonly url: SecretValue;
  /** Key prefix with a hash tag, so that all keys of a queue live in one slot of a Redis Cluster. */
  readonly prefix: string;
  /** PEM text of the authority that signed the server's certificate; only with rediss://. */
  readonly tlsCa?: string;
}

export const redisConfigSchema = z.object({}).transform((): RedisConfig => {
  throw new Error('not built yet');
});
