import { randomUUID } from 'node:crypto';

import {
  decodeSignalRecord,
  isReservedSource,
  SIGNAL_SCHEMA_VERSION,
  signalTypeSchema,
  tickerSchema,
  signalTypeLabel,
  TriplineError,
} from '@tripline/contracts';
import { SIGNAL_DIRECTIONS } from '@tripline/market';
import { publishedSignalIdOf, type Signal } from '@tripline/triggers';
import type { MessageProducer } from '@tripline/messaging';
import { injectContext, withSpan, type Logger, type Metrics } from '@tripline/telemetry';
import { z } from 'zod';

import { type Caller, callerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { eventInFuture } from '../http/event-time';
import { idempotencyHeaders } from '../http/idempotency';
import { SIGNAL_SCOPES } from './signal-schemas';

export interface PublishRoutesOptions {
  producer: Pick<MessageProducer, 'send'>;
  /** Topic of the signals. */
  topic: string;
  logger: Logger;
  metrics: Metrics;
  /** Epoch milliseconds. */
  now: () => number;
}

/** Metric label of every signal published over HTTP, regardless of its source field. */
const PUBLISHED_BY_USER = 'user';

/** Wire form of a signal to publish: the topic's schema, with the fields that the server can fill in made optional. */
const publishBody = z
  .strictObject({
    signal_id: z
      .uuid()
      .toLowerCase()
      .optional()
      .describe('your own id for the signal; the final id is derived from it and your account'),
    signal_type: signalTypeSchema,
    source: z
      .string()
      .min(1)
      .max(100)
      .default('http')
      .describe("any name except those reserved for Tripline's services"),
    scope: z
      .enum(SIGNAL_SCOPES)
      .default('own')
      .describe(
        "`own`: can match only your pipelines; `shared`: can match every user's and requires the permission `publish:shared`",
      ),
    timestamp: z
      .union([z.iso.datetime({ offset: true }), z.number()])
      .optional()
      .describe('event time: ISO 8601 with zone, or epoch seconds; at most five minutes ahead; default: now'),
    tickers: z
      .array(
        z.strictObject({
          ticker: tickerSchema,
          signal: z.enum(SIGNAL_DIRECTIONS),
          confidence: z.number().min(0).max(100),
          reasoning: z.string().max(2000).optional(),
        }),
      )
      .min(1)
      .max(50),
    metadata: z.record(z.string().max(64), z.unknown()).optional(),
  })
  .meta({ id: 'SignalToPublish' });
type PublishBody = z.output<typeof publishBody>;

const acceptedSchema = z
  .object({
    signal_id: z.uuid().describe('the final id of the signal'),
    topic: z.string(),
    scope: z.enum(SIGNAL_SCOPES),
    status: z.literal('accepted'),
  })
  .meta({ id: 'SignalAccepted' });

/** Publishes signals over HTTP to the topic of all signals, with their publisher's id. */
export function registerPublishRoutes(app: ApiApp, options: PublishRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/signals',
    schema: {
      tags: ['signals'],
      summary: 'Publish a signal',
      description:
        "The signal can match only your pipelines. With `scope` `shared`, which requires `publish:shared`, it can match every user's. " +
        'The response is sent when all in-sync replicas have the record. The returned `signal_id` is derived from your account and ' +
        'your own `signal_id` or `Idempotency-Key`, so a repeated request publishes the same signal and triggers nothing twice. ' +
        'List the resulting decisions at `GET /api/decisions?signal_id=…`.',
      headers: idempotencyHeaders,
      body: publishBody,
      response: {
        202: acceptedSchema,
        ...errorResponses(
          'VALIDATION_FAILED',
          'EVENT_TIME_IN_FUTURE',
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'RESERVED_SOURCE',
        ),
      },
    },
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const { body } = request;
      assertMayPublish(caller, body);
      const encoded = encode(
        messageOf(caller, body, { key: request.headers['idempotency-key'], options }),
        options.now(),
      );
      await publish(encoded, options);
      const { signalId } = encoded.signal;
      options.logger.info(
        {
          event: 'signal_published',
          signal_id: signalId,
          user_id: caller.id,
          scope: body.scope,
          request_id: request.id,
        },
        'signal published',
      );
      return reply.code(202).send({ signal_id: signalId, topic: options.topic, scope: body.scope, status: 'accepted' });
    },
  });
}

/** @throws TriplineError `RESERVED_SOURCE`, `FORBIDDEN` */
function assertMayPublish(caller: Caller, { source, scope }: PublishBody): void {
  if (isReservedSource(source)) {
    throw new TriplineError('RESERVED_SOURCE', `The source "${source}" is reserved.`, {
      details: { issues: [{ in: 'body', path: 'source', message: "reserved for Tripline's services" }] },
    });
  }
  if (scope === 'shared' && !caller.permissions.includes('publish:shared')) {
    throw new TriplineError('FORBIDDEN', 'Publishing a shared signal requires the permission publish:shared.', {
      details: { permission: 'publish:shared' },
    });
  }
}

/** The message of a user's signal. The server sets its id and owner, never the user. */
function messageOf(
  { id: publisher }: Caller,
  { scope, signal_id: ownId, signal_type, source, timestamp, tickers, metadata = {} }: PublishBody,
  { key, options }: { key: string | undefined; options: Pick<PublishRoutesOptions, 'now'> },
): Record<string, unknown> {
  const isShared = scope === 'shared';
  // An idempotency key contains no space, so the three kinds of name cannot collide.
  const name = ownId === undefined ? (key ?? `new ${randomUUID()}`) : `signal_id ${ownId}`;
  return {
    signal_id: publishedSignalIdOf({ publisher, name, isShared }),
    ...{ signal_type, source, timestamp: timestamp ?? new Date(options.now()).toISOString(), tickers, metadata },
    schema_version: SIGNAL_SCHEMA_VERSION,
    publisher,
    ...(isShared ? {} : { owner: publisher }),
  };
}

interface EncodedSignal {
  readonly signal: Signal;
  readonly value: Buffer;
}

/** The record for the topic. A signal that the dispatcher would find invalid is denied here, with the reason. */
function encode(message: Record<string, unknown>, nowMs: number): EncodedSignal {
  const value = Buffer.from(JSON.stringify(message));
  const decoded = decodeSignalRecord({ value, timestampMs: nowMs });
  if (!decoded.ok) {
    if (decoded.reason === 'event_time_in_future') throw eventInFuture('timestamp');
    throw new TriplineError('VALIDATION_FAILED', `Invalid signal: ${decoded.detail}`, {
      details: { issues: [{ in: 'body', path: '', message: decoded.detail }], reason: decoded.reason },
    });
  }
  return { signal: decoded.signal, value };
}

async function publish({ signal, value }: EncodedSignal, options: PublishRoutesOptions): Promise<void> {
  const { producer, topic, metrics } = options;
  const key = signal.tickers[0]?.ticker ?? '';
  await withSpan('publish signal', { kind: 'producer', attributes: { 'messaging.destination.name': topic } }, () =>
    producer.send(topic, [{ key, value, headers: injectContext() }]),
  );
  metrics
    .counter('signals_generated_total')
    .inc({ signal_type: signalTypeLabel(signal.signalType), source: PUBLISHED_BY_USER });
}
