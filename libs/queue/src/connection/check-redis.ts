import type { RedisConnection } from './redis-connection';
export interface RedisFacts {
  readonly version: string;
  readonly role: string;
  readonly maxmemoryPolicy: string;
  readonly maxmemoryBytes: number;
}
export function checkRedis(connection: RedisConnection): Promise<RedisFacts> {
  throw new Error(`not built yet ${connection.prefix}`);
}
