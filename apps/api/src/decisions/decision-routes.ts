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

/** Answers from the decision log why a pipeline did or did not trigger. */
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
      summary: 'List decisions, newest first',
      description:
        'Lists the decisions about all your pipelines. Filter by `signal_id` to see the effect of one signal.',
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
      summary: "List a pipeline's decisions, newest first",
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
      summary: "Count a pipeline's decisions by outcome",
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
      summary: 'Explain why a pipeline did or did not trigger, newest first',
      description:
        'Lists decisions and near misses with their reasons in words. Decisions are kept permanently. Only the last 50 near misses per pipeline are kept, and they are sampled at high signal rates.',
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
