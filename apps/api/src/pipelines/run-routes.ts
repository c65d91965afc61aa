import { randomUUID } from 'node:crypto';

import { tickerSchema } from '@tripline/contracts';
import type { DecisionRepository, DecisionStore, DecisionLogEntry } from '@tripline/decision-store';
import type { PipelineRepository } from '@tripline/pipeline-store';
import type { VenueRepository } from '@tripline/trading-store';
import type { ExecutionQueue } from '@tripline/queue';
import { currentTraceparent, type Logger } from '@tripline/telemetry';
import { v5 } from 'uuid';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import { decisionResource, decisionSchema } from '../decisions/decision-schemas';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { assertEventHappened } from '../http/event-time';
import { found } from '../http/found';
import { idempotencyHeaders } from '../http/idempotency';
import { assertVenuePermitted } from '../venues/check-venue';
import { enqueueRuns } from './enqueue-runs';
import { pipelineParams } from './pipeline-schemas';
import { runTickerOf } from './run-ticker';

export interface RunRoutesOptions {
  pipelines: Pick<PipelineRepository, 'find'>;
  venues: Pick<VenueRepository, 'isPermitted'>;
  decisions: Pick<DecisionRepository, 'list'>;
  decisionStore: Pick<DecisionStore, 'decideTriggers' | 'acknowledgeEnqueued'>;
  queue: Pick<ExecutionQueue, 'enqueue'>;
  logger: Logger;
  /** Epoch milliseconds. */
  now: () => number;
}

/** Namespace of the trigger ids derived from an Idempotency-Key. Changing it would let a repeated request start twice. */
const TRIGGER_NAMESPACE = '5d1f6a0c-8c9e-5b7a-a6f1-2e8d4c3b7f90';

const runBody = z
  .strictObject({
    ticker: tickerSchema.optional().describe("default: the pipeline's first ticker"),
    occurred_at: z.iso
      .datetime({ offset: true })
      .transform((text) => Date.parse(text))
      .optional()
      .describe('event time: the agents see the market as of this time; at most five minutes ahead; default: now'),
  })
  .meta({ id: 'RunRequest' });

/** Starts pipelines by hand, through the same decision, decision log and queue as signals. */
export function registerRunRoutes(app: ApiApp, options: RunRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/pipelines/:id/run',
    schema: {
      tags: ['pipelines'],
      summary: 'Run a pipeline now',
      description:
        'Returns the decision: either `TRIGGERED` with the execution id, or the reason why nothing started. Requests with the same ' +
        '`Idempotency-Key` return the first decision and never start a second execution.',
      params: pipelineParams,
      headers: idempotencyHeaders,
      body: runBody.nullish(),
      response: {
        200: decisionSchema,
        ...errorResponses(
          'VALIDATION_FAILED',
          'EVENT_TIME_IN_FUTURE',
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'CONFLICT',
          'UNSUPPORTED_MEDIA_TYPE',
          'VENUE_NOT_PERMITTED',
        ),
      },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      const { pipeline } = found(await options.pipelines.find(viewer, request.params.id), 'pipeline');
      await assertVenuePermitted(pipeline, options.venues);
      const ticker = runTickerOf(pipeline, request.body?.ticker);
      const nowMs = options.now();
      const occurredAt = request.body?.occurred_at ?? nowMs;
      assertEventHappened('occurred_at', { occurredAt, nowMs });
      const key = request.headers['idempotency-key'];
      const triggerId = key === undefined ? randomUUID() : v5(`${pipeline.id}|${key}`, TRIGGER_NAMESPACE);
      const result = await options.decisionStore.decideTriggers([
        {
          pipelineId: pipeline.id,
          triggerId,
          triggerMode: 'manual',
          occurredAt,
          ticker,
          traceparent: currentTraceparent() ?? null,
        },
      ]);
      await enqueueRuns(result.created, request.id, options);
      const decision = result.decisions[0] ?? (await earlierDecision());
      return decisionResource(found(decision, 'pipeline'));

      async function earlierDecision(): Promise<DecisionLogEntry | undefined> {
        const page = await options.decisions.list(viewer, { pipelineId: pipeline.id, signalId: triggerId, limit: 1 });
        return page.items[0];
      }
    },
  });
}
