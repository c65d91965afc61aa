import { randomUUID } from 'node:crypto';

import {
  decodeSignal,
  SIGNAL_SCHEMA_VERSION,
  signalTypeSchema,
  tickerSchema,
  TriplineError,
} from '@tripline/contracts';
import { SIGNAL_DIRECTIONS } from '@tripline/market';
import { type Signal, signalTypeLabel } from '@tripline/triggers';
import type { MessageProducer } from '@tripline/messaging';
import { injectContext, withSpan, type Logger, type Metrics } from '@tripline/telemetry';
import { v5 } from 'uuid';
import { z } from 'zod';

import { callerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { idempotencyHeaders } from '../http/idempotency';

export interface PublishRoutesOptions {
  producer: Pick<MessageProducer, 'send'>;
  /** Topic of the signals. */
  topic: string;
  logger: Logger;
  metrics: Metrics;
  /** Epoch milliseconds. */
  now: () => number;
}

/** Namespace of signal ids made from an Idempotency-Key; changing it would let a repeated request count twice. */
const SIGNAL_NAMESPACE = '7e0c2b91-4f3a-5d68-b1c7-90a6d5e8f214';

/** Metric label of every signal that comes in over HTTP, whatever source its publisher gave it. */
const PUBLISHED_BY_USER = 'user';

/** Wire form of a signal to publish: the schema of the topic, with what the server can fill in left optional. */
const publishBody = z
  .strictObject({
    signal_id: z.uuid().toLowerCase().optional().describe('made by the server when left out'),
    signal_type: signalTypeSchema,
    source: z.string().min(1).max(100).default('http'),
    timestamp: z
      .union([z.iso.datetime({ offset: true }), z.number()])
      .optional()
      .describe('event time: ISO 8601 with zone, or epoch seconds; default: now'),
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

const acceptedSchema = z
  .object({ signal_id: z.uuid(), topic: z.string(), status: z.literal('accepted') })
  .meta({ id: 'SignalAccepted' });

/** Publishing signals over HTTP: they enter the same topic as everybody's and are decided like every other. */
export function registerPublishRoutes(app: ApiApp, options: PublishRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/signals',
    schema: {
      tags: ['signals'],
      summary: 'Publish a signal',
      description:
        'Accepted means: every in-sync replica of the topic holds it. See what it did at `GET /api/decisions?signal_id=…`. With an ' +
        '`Idempotency-Key` (or a `signal_id` of your own) a repeated request is the same signal and triggers nothing twice.',
      headers: idempotencyHeaders,
      body: publishBody,
      response: {
        202: acceptedSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const key = request.headers['idempotency-key'];
      const signalId =
        request.body.signal_id ?? (key === undefined ? randomUUID() : v5(`${caller.id}|${key}`, SIGNAL_NAMESPACE));
      const timestamp = request.body.timestamp ?? new Date(options.now()).toISOString();
      await publish(encode({ ...request.body, signal_id: signalId, timestamp }), options);
      options.logger.info(
        { event: 'signal_published', signal_id: signalId, user_id: caller.id, request_id: request.id },
        'signal published',
      );
      return reply.code(202).send({ signal_id: signalId, topic: options.topic, status: 'accepted' });
    },
  });
}

interface EncodedSignal {
  readonly signal: Signal;
  readonly value: Buffer;
}

/** The record for the topic; what the dispatcher would refuse is refused here, with its reason. */
function encode(message: Record<string, unknown>): EncodedSignal {
  const value = Buffer.from(JSON.stringify({ ...message, schema_version: SIGNAL_SCHEMA_VERSION }));
  const decoded = decodeSignal(value);
  if (!decoded.ok) {
    throw new TriplineError('VALIDATION_FAILED', `The body is no acceptable signal: ${decoded.detail}`, {
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
