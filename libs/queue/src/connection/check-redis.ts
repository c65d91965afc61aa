import { QueueUnavailableError, UnfitRedisError } from '../errors';
import type { RedisConnection } from './redis-connection';

export interface RedisFacts {
  readonly version: string;
  readonly role: string;
  readonly maxmemoryPolicy: string;
  /** 0 means no limit. */
  readonly maxmemoryBytes: number;
}

/**
 * Checks that the server is fit to hold a queue.
 * @throws UnfitRedisError when it would evict keys (jobs would vanish silently) or is a replica
 * @throws QueueUnavailableError when it does not answer
 */
export async function checkRedis(connection: RedisConnection): Promise<RedisFacts> {
  let info: string;
  try {
    // INFO, not CONFIG GET: managed servers and strict ACLs forbid CONFIG.
    info = await connection.client.info();
  } catch (error) {
    throw new QueueUnavailableError('Redis did not answer INFO', { cause: error });
  }
  const facts = parseRedisInfo(info);
  refuseUnfit(facts);
  return facts;
}

/** Reads the fields we need from the answer to INFO; a missing field becomes an empty string. */
export function parseRedisInfo(info: string): RedisFacts {
  const fields = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return {
    version: fields.get('redis_version') ?? '',
    role: fields.get('role') ?? '',
    maxmemoryPolicy: fields.get('maxmemory_policy') ?? '',
    maxmemoryBytes: Number(fields.get('maxmemory') ?? 0),
  };
}

/** @throws UnfitRedisError */
export function refuseUnfit(facts: RedisFacts): void {
  if (facts.role !== 'master') {
    throw new UnfitRedisError(
      'is_replica',
      `Redis is a ${facts.role || 'server of unknown role'}: set REDIS_URL to the master`,
    );
  }
  if (facts.maxmemoryPolicy === '') {
    throw new UnfitRedisError(
      'unknown_policy',
      'Redis does not show its maxmemory-policy: allow this user to call INFO',
    );
  }
  if (facts.maxmemoryPolicy !== 'noeviction') {
    throw new UnfitRedisError(
      'evicts_keys',
      `Redis would evict jobs when full: set maxmemory-policy to noeviction (it is ${facts.maxmemoryPolicy})`,
    );
  }
}
