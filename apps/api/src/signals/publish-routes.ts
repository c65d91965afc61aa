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

/** Metric label of every signal that comes in over HTTP, whatever source its publisher gave it. */
const PUBLISHED_BY_USER = 'user';

/** Wire form of a signal to publish: the schema of the topic, with what the server can fill in left optional. */
const publishBody = z
  .strictObject({
    signal_id: z
      .uuid()
      .toLowerCase()
      .optional()
      .describe('your own name for the signal; its id is derived from it and from your account'),
    signal_type: signalTypeSchema,
    source: z
      .string()
      .min(1)
      .max(100)
      .default('http')
      .describe('a name of your own; those of the services of Tripline are reserved'),
    scope: z
      .enum(SIGNAL_SCOPES)
      .default('own')
      .describe(
        "`own`: can match your pipelines only; `shared`: every user's, which needs the permission `publish:shared`",
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
    signal_id: z.uuid().describe('the id of the signal, in the namespace of your account'),
    topic: z.string(),
    scope: z.enum(SIGNAL_SCOPES),
    status: z.literal('accepted'),
  })
  .meta({ id: 'SignalAccepted' });

/** Publishing signals over HTTP: they enter the topic of all signals, under the name of their publisher. */
export function registerPublishRoutes(app: ApiApp, options: PublishRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/signals',
    schema: {
      tags: ['signals'],
      summary: 'Publish a signal',
      description:
        'The signal can match your own pipelines; with `scope` `shared` (permission `publish:shared`) those of every user. Accepted ' +
        'means that every in-sync replica of the topic holds it. The answer names its `signal_id`: see what it did at ' +
        '`GET /api/decisions?signal_id=…`. The id is derived from your account and from your `signal_id` or `Idempotency-Key`: ' +
        'the same name is the same signal and triggers nothing twice, and no name gives the id of a signal of somebody else.',
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
      details: { issues: [{ in: 'body', path: 'source', message: 'reserved for the services of Tripline' }] },
    });
  }
  if (scope === 'shared' && !caller.permissions.includes('publish:shared')) {
    throw new TriplineError('FORBIDDEN', 'Publishing a shared signal needs the permission publish:shared.', {
      details: { permission: 'publish:shared' },
    });
  }
}

/** The message of a user's signal: its id and its owner are ours to say. */
function messageOf(
  { id: publisher }: Caller,
  { scope, signal_id: ownId, signal_type, source, timestamp, tickers, metadata = {} }: PublishBody,
  { key, options }: { key: string | undefined; options: Pick<PublishRoutesOptions, 'now'> },
): Record<string, unknown> {
  const isShared = scope === 'shared';
  // No idempotency key contains a space: names of the three kinds are never equal.
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

/** The record for the topic; what the dispatcher would refuse is refused here, with its reason. */
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
