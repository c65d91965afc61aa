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

/** Creates producers, consumers and admins; opens no socket itself. */
export interface KafkaConnection {
  readonly config: KafkaConfig;
  readonly logger: MessagingLogger;
  /** Used only inside this library. */
  readonly kafka: Kafka;
}

const CONNECTION_TIMEOUT_MS = 5_000;
/** Must exceed the broker's own produce timeout (see the producer), so that its answer still arrives in time. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Attempts per (re)connect, together about 20 s: a broker that comes back is found within a second, and all attempts together
 * outlast its restart. Once they are used up, the levels above do not retry: sends reject, consumers rejoin as new members.
 */
const RECONNECT = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 22 };

/** Creates a client for the brokers of `config`. */
export function createKafkaConnection(
  config: KafkaConfig,
  options: { logger?: MessagingLogger } = {},
): KafkaConnection {
  const logger = options.logger ?? SILENT_LOGGER;
  registerCodecs();
  if (!patchRequestQueueTimer(RequestQueue.prototype)) {
    logger.warn(
      { event: 'kafka_client' },
      'cannot patch the kafkajs request queue timer: idle connections will keep waking the process',
    );
  }
  if (!patchFetchDecoder({ response, Decoder, decodeMessages, lookupCodecByAttributes })) {
    logger.warn({ event: 'kafka_client' }, 'cannot patch the kafkajs fetch decoder: records will be decoded eagerly');
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
