import { createHash, randomUUID } from 'node:crypto';

import { TriplineError } from '@tripline/contracts';
import type { DecisionRepository, DecisionStore, DecisionLogEntry } from '@tripline/decision-store';
import type { Viewer } from '@tripline/paging';
import type { PipelineRepository } from '@tripline/pipeline-store';
import { currentTraceparent, type Metrics } from '@tripline/telemetry';
import type { FastifyRequest } from 'fastify';
import { v5 } from 'uuid';

import { decisionResource } from '../decisions/decision-schemas';
import { endpointOf, type ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { assertEventHappened } from '../http/event-time';
import { found } from '../http/found';
import { enqueueRuns, type EnqueueRunsOptions } from '../pipelines/enqueue-runs';
import { pipelineParams } from '../pipelines/pipeline-schemas';
import { denial } from '../pipelines/denial';
import { runTickerOf } from '../pipelines/run-ticker';
import { type HookAuthenticationOptions, registerHookAuthentication } from './hook-authentication';
import { type HookCall, hookAnswer, hookBody, hookHeaders } from './webhook-schemas';

export interface HookRoutesOptions extends HookAuthenticationOptions, EnqueueRunsOptions {
  readonly pipelines: Pick<PipelineRepository, 'find'>;
  readonly decisions: Pick<DecisionRepository, 'list'>;
  readonly decisionStore: Pick<DecisionStore, 'decideTriggers' | 'acknowledgeEnqueued'>;
  readonly logger: HookAuthenticationOptions['logger'];
  readonly metrics: Metrics;
  /** Calls per minute and pipeline. */
  readonly limitPerMinute: number;
}

/** Namespace of trigger ids made from an event id; changing it would let a repeated call run twice. */
const HOOK_NAMESPACE = '0e6b9f57-41d3-5c28-9a7e-c3f1b2d84a60';
const BODY_LIMIT_BYTES = 32 * 1024;

/** Calls from outside: the same decision, ledger and queue as for signals. */
export function registerHookRoutes(app: ApiApp, options: HookRoutesOptions): void {
  void app.register((plugin, _options, done) => {
    registerHookAuthentication(plugin, options);
    registerCall(plugin as unknown as ApiApp, options);
    done();
  });
}

function registerCall(app: ApiApp, options: HookRoutesOptions): void {
  const assertLimit = pipelineLimit(app, options);
  app.route({
    method: 'POST',
    url: '/api/hooks/:id',
    config: { access: 'webhook' },
    bodyLimit: BODY_LIMIT_BYTES,
    schema: {
      tags: ['webhooks'],
      summary: 'Call the webhook of a pipeline',
      description:
        'Decided at once: `TRIGGERED` with the id of the run, or why not. With an `event_id` (or `Idempotency-Key`) the ' +
        'same event is decided once, however often it is sent. The secret goes into `Authorization: Bearer …`, or signs ' +
        'the call: then a signed call sent again is the same event.',
      security: [{ webhookSecret: [] }, { webhookSignature: [] }],
      params: pipelineParams,
      headers: hookHeaders,
      body: hookBody.nullish(),
      response: {
        202: hookAnswer,
        ...errorResponses(
          'VALIDATION_FAILED',
          'EVENT_TIME_IN_FUTURE',
          'MALFORMED_REQUEST',
          'WEBHOOK_REFUSED',
          'CONFLICT',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
        ),
      },
    },
    handler: async (request, reply) => {
      const hook = request.hook;
      if (hook === null) throw new Error('a call of a webhook reached its handler without one');
      await assertLimit(request);
      const { entry, isDuplicate } = await decideCall(request, request.body ?? {}, hook, options);
      return reply.code(202).send({ ...decisionResource(entry), duplicate: isDuplicate });
    },
  });
}

async function decideCall(
  request: FastifyRequest,
  call: HookCall,
  { pipelineId, userId }: { pipelineId: string; userId: string },
  options: HookRoutesOptions,
): Promise<{ entry: DecisionLogEntry; isDuplicate: boolean }> {
  const viewer: Viewer = { userId, role: 'trader' };
  const { pipeline } = found(await options.pipelines.find(viewer, pipelineId), 'pipeline');
  if (pipeline.triggerMode !== 'webhook') {
    throw new TriplineError('CONFLICT', `The trigger_mode of the pipeline is ${pipeline.triggerMode}, not webhook.`);
  }
  const ticker = runTickerOf(pipeline, call.ticker);
  const nowMs = options.now();
  const occurredAt = call.occurred_at ?? nowMs;
  assertEventHappened('occurred_at', { occurredAt, nowMs });
  const triggerId = triggerIdOf(request, pipelineId, call);
  const { decisions, created } = await options.decisionStore.decideTriggers([
    {
      pipelineId,
      triggerId,
      triggerMode: 'webhook',
      occurredAt,
      ticker,
      direction: call.direction ?? null,
      confidence: call.confidence ?? null,
      quality: call.quality ?? null,
      traceparent: currentTraceparent() ?? null,
    },
  ]);
  await enqueueRuns(created, request.id, options);
  const [fresh] = decisions;
  if (fresh !== undefined) return { entry: fresh, isDuplicate: false };
  const { items } = await options.decisions.list(viewer, { pipelineId, signalId: triggerId, limit: 1 });
  return { entry: found(items[0] ?? null, 'decision'), isDuplicate: true };
}

/**
 * What makes two calls one event: the event id; else, signed, the call itself, so that whoever overhears it cannot start a
 * second run; else nothing. The header is not part of what is signed.
 */
function triggerIdOf(request: FastifyRequest, pipelineId: string, { event_id: eventId }: HookCall): string {
  const header = request.headers['idempotency-key'];
  if (header !== undefined && request.isSignedHook) {
    throw denial('event_id', 'a signed call names its event in the body, as event_id, and not in Idempotency-Key');
  }
  if (header !== undefined && eventId !== undefined && header !== eventId) {
    throw denial('event_id', 'event_id and Idempotency-Key name different events');
  }
  const key = eventId ?? (typeof header === 'string' ? header : undefined);
  if (key !== undefined) return v5(`${pipelineId}|${key}`, HOOK_NAMESPACE);
  if (!request.isSignedHook) return randomUUID();
  const timestamp = String(request.headers['x-tripline-timestamp']);
  const digest = createHash('sha256').update(`${timestamp}.`).update(request.rawBody).digest('hex');
  // No event id holds a space.
  return v5(`${pipelineId}|call ${digest}`, HOOK_NAMESPACE);
}

/** Counted after the authentication, so that nobody else can use the limit up. */
function pipelineLimit(
  app: ApiApp,
  { limitPerMinute, metrics }: Pick<HookRoutesOptions, 'limitPerMinute' | 'metrics'>,
): (request: FastifyRequest) => Promise<void> {
  const check = app.createRateLimit({
    max: limitPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => `hook:${request.hook?.pipelineId}`,
  });
  return async (request) => {
    const limit = await check(request);
    if (!limit.isAllowed && limit.isExceeded) {
      metrics.counter('rate_limit_exceeded_total').inc({ endpoint: endpointOf(request) });
      throw new TriplineError('RATE_LIMITED', `At most ${limitPerMinute} calls of a webhook a minute are allowed.`, {
        details: { limit: limitPerMinute, retry_after_seconds: limit.ttlInSeconds },
      });
    }
  };
}
