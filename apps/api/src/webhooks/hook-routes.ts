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

/** Namespace of the trigger ids derived from an event id. Changing it would let a repeated call start twice. */
const HOOK_NAMESPACE = '0e6b9f57-41d3-5c28-9a7e-c3f1b2d84a60';
const BODY_LIMIT_BYTES = 32 * 1024;

/** Webhook calls, through the same decision, decision log and queue as signals. */
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
      summary: "Call a pipeline's webhook",
      description:
        'Returns the decision: either `TRIGGERED` with the execution id, or the reason why nothing started. Events with the same ' +
        '`event_id` (or `Idempotency-Key`) are decided once. Send the secret as `Authorization: Bearer …`, or sign the call with ' +
        'it; a signed call that is sent again counts as the same event.',
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
      if (hook === null) throw new Error('a webhook call reached its handler without authentication');
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
    throw new TriplineError('CONFLICT', `The pipeline's trigger_mode is ${pipeline.triggerMode}, not webhook.`);
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
 * Two calls with the same event id are one event. A signed call without an event id is identified by its content, because
 * otherwise an eavesdropper could replay it and start a second execution. Headers are not signed and so cannot identify it.
 */
function triggerIdOf(request: FastifyRequest, pipelineId: string, { event_id: eventId }: HookCall): string {
  const header = request.headers['idempotency-key'];
  if (header !== undefined && request.isSignedHook) {
    throw denial('event_id', 'a signed call must send event_id in the body; the Idempotency-Key header is not signed');
  }
  if (header !== undefined && eventId !== undefined && header !== eventId) {
    throw denial('event_id', 'event_id and Idempotency-Key differ');
  }
  const key = eventId ?? (typeof header === 'string' ? header : undefined);
  if (key !== undefined) return v5(`${pipelineId}|${key}`, HOOK_NAMESPACE);
  if (!request.isSignedHook) return randomUUID();
  const timestamp = String(request.headers['x-tripline-timestamp']);
  const digest = createHash('sha256').update(`${timestamp}.`).update(request.rawBody).digest('hex');
  // An event id contains no space, so it cannot collide with this.
  return v5(`${pipelineId}|call ${digest}`, HOOK_NAMESPACE);
}

/** Counts calls after authentication, so that unauthenticated callers cannot use up the limit. */
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
      throw new TriplineError('RATE_LIMITED', `At most ${limitPerMinute} calls per webhook and minute are allowed.`, {
        details: { limit: limitPerMinute, retry_after_seconds: limit.ttlInSeconds },
      });
    }
  };
}
