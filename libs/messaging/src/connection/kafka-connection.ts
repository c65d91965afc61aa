import { Kafka, type KafkaConfig as ClientConfig, type SASLOptions } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue';
import Decoder from 'kafkajs/src/protocol/decoder';
import { lookupCodecByAttributes } from 'kafkajs/src/protocol/message/compression';
import response from 'kafkajs/src/protocol/requests/fetch/v11/response';
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages';

import { registerCodecs } from '../codecs/register-codecs';
import { SILENT_LOGGER, type MessagingLogger } from '../messages/message';
import type { KafkaConfig, KafkaSasl, KafkaTls } from './kafka-config';
import { bridgeLog } from './log-bridge';
import { patchFetchDecoder } from './lazy-fetch-decoder';
import { createTokenProvider } from './oauth-token';
import { patchRequestQueueTimer } from './request-queue-timer';

/** What producer, consumer and admin are made from; opens no socket itself. */
export interface KafkaConnection {
  readonly config: KafkaConfig;
  readonly logger: MessagingLogger;
  /** For this library only. */
  readonly kafka: Kafka;
}

const CONNECTION_TIMEOUT_MS = 5_000;
/** Must exceed the broker's own produce timeout (see the producer), so that its answer is not missed. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Attempts of one (re)connect, for about 20 s: a broker that comes back is found within a second, and its restart is shorter than all of
 * them together. What runs out of them is not retried by the levels above: sends reject, consumers rejoin as new members.
 */
const RECONNECT = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 22 };

/** Prepares a client for the brokers of `config`. */
export function createKafkaConnection(
  config: KafkaConfig,
  options: { logger?: MessagingLogger } = {},
): KafkaConnection {
  const logger = options.logger ?? SILENT_LOGGER;
  registerCodecs();
  if (!patchRequestQueueTimer(RequestQueue.prototype)) {
    logger.warn(
      { event: 'kafka_client' },
      'kafkajs has no request queue timer to patch: idle connections will wake the process',
    );
  }
  if (!patchFetchDecoder({ response, Decoder, decodeMessages, lookupCodecByAttributes })) {
    logger.warn({ event: 'kafka_client' }, 'kafkajs has no fetch decoder to patch: records are decoded eagerly');
  }
  const client: ClientConfig = {
    brokers: [...config.brokers],
    clientId: config.clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: RECONNECT,
    logCreator: () => bridgeLog(logger),
  };
  if (config.ssl !== false) client.ssl = tlsOptions(config.ssl);
  if (config.sasl !== undefined) client.sasl = saslOptions(config.sasl);
  return { config, logger, kafka: new Kafka(client) };
}

function tlsOptions(tls: KafkaTls): ClientConfig['ssl'] {
  return {
    rejectUnauthorized: tls.rejectUnauthorized,
    ...(tls.ca === undefined ? {} : { ca: [tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
  };
}

function saslOptions(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism === 'oauthbearer') {
    return { mechanism: 'oauthbearer', oauthBearerProvider: createTokenProvider(sasl) };
  }
  return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() };
}
