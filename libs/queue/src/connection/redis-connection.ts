import type { Redis } from 'ioredis';

import type { QueueLogger } from './queue-logger';
import type { RedisConfig } from './redis-config';

/** A lazily connecting client of one profile; `start()` of whoever uses it connects, `close()` ends it. */
export interface RedisConnection {
  readonly profile: 'producer' | 'worker';
  readonly prefix: string;
  readonly logger: QueueLogger;
  /** For this library only. */
  readonly client: Redis;
  connect(): Promise<void>;
  close(): Promise<void>;
  /** True while the socket is up and the server has answered the handshake. */
  isReady(): boolean;
}
export interface ConnectionOptions {
  readonly logger?: QueueLogger;
  readonly onError?: (error: Error) => void;
}
export function createProducerConnection(config: RedisConfig, options: ConnectionOptions = {}): RedisConnection {
  throw new Error(`not built yet ${config.prefix} ${typeof options}`);
}
export function createWorkerConnection(config: RedisConfig, options: ConnectionOptions = {}): RedisConnection {
  throw new Error(`not built yet ${config.prefix} ${typeof options}`);
}
