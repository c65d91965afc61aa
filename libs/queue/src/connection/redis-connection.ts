import { coalesceWrites, endsWithin } from '@tripline/runtime';
import { Redis, type RedisOptions } from 'ioredis';

import { QueueUnavailableError } from '../errors';
import type { Fairness } from '../executions/priority-classes';
import { SILENT_LOGGER, type QueueLogger } from './queue-logger';
import { DEFAULT_FAIRNESS, type RedisConfig } from './redis-config';
import { replyCodeOf } from './reply-code';

/** A lazily connecting client with one profile: constructing it opens nothing. */
export interface RedisConnection {
  readonly profile: 'producer' | 'worker';
  readonly prefix: string;
  readonly fairness: Fairness;
  readonly logger: QueueLogger;
  /** Used only inside this library. */
  readonly client: Redis;
  /** Connects, or waits for the attempt in progress. @throws QueueUnavailableError after `timeoutMs`; retries continue. */
  connect(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
  /** True while the server has answered the handshake and the socket is up. */
  isReady(): boolean;
}

export interface ConnectionOptions {
  readonly logger?: QueueLogger;
  /** Called on every failed attempt and broken socket; for `redis_connection_errors_total`. */
  readonly onError?: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 1_000;
const MAX_RETRY_DELAY_MS = 2_000;
const RECONNECT_AND_RESEND = 2;

/** For callers that must not wait: a command fails at once while Redis is unavailable, and after 2 s without an answer. */
export function createProducerConnection(config: RedisConfig, options: ConnectionOptions = {}): RedisConnection {
  return createConnection('producer', config, options, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
}

/** For workers, whose blocking reads wait indefinitely: no command timeout, endless retries. */
export function createWorkerConnection(config: RedisConfig, options: ConnectionOptions = {}): RedisConnection {
  return createConnection('worker', config, options, { maxRetriesPerRequest: null });
}

function createConnection(
  profile: RedisConnection['profile'],
  config: RedisConfig,
  { logger = SILENT_LOGGER, onError }: ConnectionOptions,
  options: RedisOptions,
): RedisConnection {
  const url = config.url.reveal();
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RETRY_DELAY_MS),
    // After a failover the old master answers READONLY: reconnect, and send the command to the new master.
    reconnectOnError: (error) => (replyCodeOf(error) === 'READONLY' ? RECONNECT_AND_RESEND : false),
    ...(config.tlsCa === undefined ? {} : { tls: { ca: config.tlsCa } }),
    ...options,
  });
  let lastMessage = '';
  client.on('error', (error: Error) => {
    onError?.(error);
    // One line per kind of problem, not one per attempt.
    if (error.message === lastMessage) return; // eslint-disable-line no-restricted-syntax -- only spares a log line
    lastMessage = error.message;
    logger.warn({ event: 'redis_connection_error', profile, err: error }, 'Redis connection failed; will retry');
  });
  client.on('connect', () => coalesceWrites(client.stream));
  client.on('ready', () => {
    lastMessage = '';
    logger.info({ event: 'redis_connected', profile }, 'Redis connected');
  });
  return {
    profile,
    prefix: config.prefix,
    fairness: config.fairness ?? DEFAULT_FAIRNESS,
    logger,
    client,
    isReady: () => client.status === 'ready',
    connect: (timeoutMs) => connectWithin(client, timeoutMs),
    close: () => closeClient(client),
  };
}

async function connectWithin(client: Redis, timeoutMs: number): Promise<void> {
  if (client.status === 'ready') return;
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
    client.once('ready', onReady);
  });
  // A failed first attempt rejects here, but the client keeps trying in the background.
  if (client.status === 'wait' || client.status === 'end') client.connect().catch(() => undefined);
  try {
    if (await endsWithin(ready, timeoutMs)) return;
    throw new QueueUnavailableError(`Redis did not answer within ${timeoutMs} ms`);
  } finally {
    client.off('ready', onReady);
  }
}

async function closeClient(client: Redis): Promise<void> {
  if (client.status === 'end' || client.status === 'wait') return client.disconnect();
  if (client.status === 'ready') await endsWithin(client.quit(), CLOSE_TIMEOUT_MS);
  client.disconnect();
}
