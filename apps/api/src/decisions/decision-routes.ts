import type { DecisionRepository, WhyRepository } from '@tripline/decision-store';
import type { PipelineRepository } from '@tripline/pipeline-store';
import type { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema } from '../http/schemas';
import {
  decisionCountsSchema,
  decisionListQuery,
  decisionPage,
  decisionRangeQuery,
  decisionResource,
  whyPage,
  whyQuery,
  whyResource,
} from './decision-schemas';

export interface DecisionRoutesOptions {
  decisions: DecisionRepository;
  why: WhyRepository;
  pipelines: Pick<PipelineRepository, 'find'>;
}

const tags = ['decisions'];

/** "Why did or didn't my pipeline fire?", from the ledger. */
export function registerDecisionRoutes(app: ApiApp, options: DecisionRoutesOptions): void {
  registerOwnDecisions(app, options);
  registerPipelineDecisions(app, options);
  registerCounts(app, options);
  registerWhy(app, options);
}

function registerOwnDecisions(app: ApiApp, { decisions }: DecisionRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/decisions',
    schema: {
      tags,
      summary: 'What was decided about all your pipelines, newest first',
      description: 'With `signal_id`: what one signal did to your pipelines.',
      querystring: decisionListQuery,
      response: { 200: decisionPage, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED') },
    },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      const page = await decisions.list(viewerOf(request), { ...toFilter(request.query), limit, cursor });
      return { items: page.items.map(decisionResource), next_cursor: page.nextCursor };
    },
  });
}

function registerPipelineDecisions(app: ApiApp, { decisions, pipelines }: DecisionRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/pipelines/:id/decisions',
    schema: {
      tags,
      summary: 'Why this pipeline did or did not run, newest decision first',
      params: idParamsSchema,
      querystring: decisionListQuery,
      response: { 200: decisionPage, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND') },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      const pipelineId = request.params.id;
      found(await pipelines.find(viewer, pipelineId), 'pipeline');
      const { limit, cursor } = request.query;
      const page = await decisions.list(viewer, { ...toFilter(request.query), pipelineId, limit, cursor });
      return { items: page.items.map(decisionResource), next_cursor: page.nextCursor };
    },
  });
}

function registerCounts(app: ApiApp, { decisions, pipelines }: DecisionRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/pipelines/:id/decisions/summary',
    schema: {
      tags,
      summary: 'How often each outcome occurred',
      params: idParamsSchema,
      querystring: decisionRangeQuery,
      response: { 200: decisionCountsSchema, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND') },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      const pipelineId = request.params.id;
      found(await pipelines.find(viewer, pipelineId), 'pipeline');
      const counts = await decisions.countByOutcome(viewer, { ...toFilter(request.query), pipelineId });
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      return { total, by_outcome: counts };
    },
  });
}

function registerWhy(app: ApiApp, { why, pipelines }: DecisionRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/pipelines/:id/why',
    schema: {
      tags,
      summary: 'Why this pipeline did or did not run, in words, with the signals that nearly matched, newest first',
      description:
        'Decisions are kept for good; of the near misses only the last 50 of a pipeline, and of very many signals a second only a part is looked at.',
      params: idParamsSchema,
      querystring: whyQuery,
      response: { 200: whyPage, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND') },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      found(await pipelines.find(viewer, request.params.id), 'pipeline');
      const page = await why.explain(viewer, request.params.id, request.query);
      return { items: page.items.map(whyResource), next_cursor: page.nextCursor };
    },
  });
}

function toFilter(query: z.output<typeof decisionRangeQuery>) {
  return { from: query.from, to: query.to, outcomes: query.outcome, signalId: query.signal_id };
}
