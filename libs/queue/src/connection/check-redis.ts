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
 * Asks the server whether it can hold a queue.
 * @throws UnfitRedisError when it would evict keys (jobs would vanish without a trace) or is a replica
 * @throws QueueUnavailableError when it does not answer
 */
export async function checkRedis(connection: RedisConnection): Promise<RedisFacts> {
  let info: string;
  try {
    // INFO, not CONFIG GET: managed servers and strict ACLs refuse CONFIG.
    info = await connection.client.info();
  } catch (error) {
    throw new QueueUnavailableError('redis did not answer INFO', { cause: error });
  }
  const facts = parseRedisInfo(info);
  refuseUnfit(facts);
  return facts;
}

/** Reads the fields we need from the answer to INFO; a field that is missing is empty. */
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
      `redis is a ${facts.role || 'server of unknown role'}: name the master in REDIS_URL`,
    );
  }
  if (facts.maxmemoryPolicy === '') {
    throw new UnfitRedisError('unknown_policy', 'redis does not tell its maxmemory-policy: allow INFO to this user');
  }
  if (facts.maxmemoryPolicy !== 'noeviction') {
    throw new UnfitRedisError(
      'evicts_keys',
      `redis would evict jobs when it is full: set maxmemory-policy noeviction (it is ${facts.maxmemoryPolicy})`,
    );
  }
}
