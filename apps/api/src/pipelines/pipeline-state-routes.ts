import type { PipelineRepository } from '@tripline/pipeline-store';
import type { OrderRepository, VenueRepository } from '@tripline/trading-store';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { assertVenuePermitted } from '../venues/check-venue';
import {
  accountSchema,
  ifMatchHeaders,
  pipelineParams,
  pipelineSchema,
  pipelineVersionSchema,
} from './pipeline-schemas';
import { pipelineResource, pipelineVersionResource } from './pipeline-wire';

export interface PipelineStateRoutesOptions {
  pipelines: Pick<PipelineRepository, 'find' | 'setActive' | 'listVersions'>;
  orders: Pick<OrderRepository, 'findAccount'>;
  venues: Pick<VenueRepository, 'isPermitted'>;
}

const tags = ['pipelines'];
const READ_ERRORS = ['VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND'] as const;

/** Activating and deactivating pipelines, listing their versions, and reading their paper account. */
export function registerPipelineStateRoutes(app: ApiApp, options: PipelineStateRoutesOptions): void {
  registerSwitch(app, options, 'activate', true);
  registerSwitch(app, options, 'deactivate', false);
  registerVersions(app, options);
  registerAccount(app, options);
}

function registerSwitch(
  app: ApiApp,
  { pipelines, venues }: PipelineStateRoutesOptions,
  verb: 'activate' | 'deactivate',
  isActive: boolean,
): void {
  app.route({
    method: 'POST',
    url: `/api/pipelines/:id/${verb}`,
    schema: {
      tags,
      summary: isActive ? 'Activate a pipeline' : 'Deactivate a pipeline',
      description: 'Creates a new version unless the pipeline is already in this state.',
      params: pipelineParams,
      headers: ifMatchHeaders,
      response: { 200: pipelineSchema, ...errorResponses(...READ_ERRORS, 'CONFLICT', 'VENUE_NOT_PERMITTED') },
    },
    handler: async (request, reply) => {
      const viewer = viewerOf(request);
      const { id } = request.params;
      if (isActive) await assertVenuePermitted(found(await pipelines.find(viewer, id), 'pipeline').pipeline, venues);
      const changed = await pipelines.setActive(viewer, id, isActive, request.headers['if-match']);
      const record = found(changed, 'pipeline');
      return reply.header('etag', `"${record.pipeline.version}"`).send(pipelineResource(record));
    },
  });
}

function registerVersions(app: ApiApp, { pipelines }: PipelineStateRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/pipelines/:id/versions',
    schema: {
      tags,
      summary: 'List the versions of a pipeline',
      params: pipelineParams,
      response: { 200: z.object({ items: z.array(pipelineVersionSchema) }), ...errorResponses(...READ_ERRORS) },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      found(await pipelines.find(viewer, request.params.id), 'pipeline');
      const versions = await pipelines.listVersions(viewer, request.params.id);
      return { items: versions.map(pipelineVersionResource) };
    },
  });
}

function registerAccount(app: ApiApp, { pipelines, orders }: PipelineStateRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/pipelines/:id/account',
    schema: {
      tags,
      summary: "Get a pipeline's paper account",
      params: pipelineParams,
      response: { 200: accountSchema, ...errorResponses(...READ_ERRORS) },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      found(await pipelines.find(viewer, request.params.id), 'pipeline');
      const account = found(await orders.findAccount(viewer, request.params.id), 'account');
      return {
        pipeline_id: account.pipelineId,
        initial_cash: account.initialCash,
        cash: account.cash,
        updated_at: new Date(account.updatedAt).toISOString(),
      };
    },
  });
}
