import { pipelineInputSchema } from '@tripline/contracts';
import type { PipelineRepository, ScannerRepository } from '@tripline/pipeline-store';
import type { VenueRepository } from '@tripline/trading-store';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { applyMergePatch } from '../http/merge-patch';
import { parseInput } from '../http/parse-input';
import { assertVenuePermitted } from '../venues/check-venue';
import { assertSoundPipeline } from './check-pipeline';
import {
  ifMatchHeaders,
  pipelineBody,
  pipelineListQuery,
  pipelinePage,
  pipelineParams,
  pipelinePatchBody,
  pipelineSchema,
} from './pipeline-schemas';
import { pipelineInputOf, pipelineResource, toPipelineDefinition } from './pipeline-wire';

export interface PipelineRoutesOptions {
  pipelines: PipelineRepository;
  scanners: Pick<ScannerRepository, 'find'>;
  venues: Pick<VenueRepository, 'isPermitted'>;
}

const tags = ['pipelines'];
const CHANGE_ERRORS = [
  'VALIDATION_FAILED',
  'UNAUTHENTICATED',
  'NOT_FOUND',
  'CONFLICT',
  'LIMIT_REACHED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VENUE_NOT_PERMITTED',
] as const;

/** Create, read, change and delete the caller's pipelines. Every change creates a new version. */
export function registerPipelineRoutes(app: ApiApp, options: PipelineRoutesOptions): void {
  registerCreate(app, options);
  registerRead(app, options);
  registerReplace(app, options);
  registerPatch(app, options);
  registerDelete(app, options);
}

function registerCreate(app: ApiApp, { pipelines, scanners, venues }: PipelineRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/pipelines',
    schema: {
      tags,
      summary: 'Create a pipeline',
      description: 'The dispatcher starts to match signals against it within about a second.',
      body: pipelineBody,
      response: { 201: pipelineSchema, ...errorResponses(...CHANGE_ERRORS) },
    },
    handler: async (request, reply) => {
      const viewer = viewerOf(request);
      await assertSoundPipeline(request.body, viewer, scanners);
      const definition = toPipelineDefinition(request.body);
      await assertVenuePermitted({ ...definition, userId: viewer.userId }, venues);
      const record = await pipelines.create(viewer, definition);
      return reply
        .code(201)
        .header('location', `/api/pipelines/${record.pipeline.id}`)
        .header('etag', `"${record.pipeline.version}"`)
        .send(pipelineResource(record));
    },
  });
}

function registerRead(app: ApiApp, { pipelines }: PipelineRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/pipelines',
    schema: {
      tags,
      summary: 'List your pipelines, newest first',
      querystring: pipelineListQuery,
      response: { 200: pipelinePage, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED') },
    },
    handler: async (request) => {
      const { limit, cursor, is_active: isActive } = request.query;
      const page = await pipelines.list(viewerOf(request), { limit, cursor, isActive });
      return { items: page.items.map(pipelineResource), next_cursor: page.nextCursor };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/pipelines/:id',
    schema: {
      tags,
      summary: 'Get a pipeline',
      params: pipelineParams,
      response: { 200: pipelineSchema, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND') },
    },
    handler: async (request, reply) => {
      const record = found(await pipelines.find(viewerOf(request), request.params.id), 'pipeline');
      return reply.header('etag', `"${record.pipeline.version}"`).send(pipelineResource(record));
    },
  });
}

function registerReplace(app: ApiApp, { pipelines, scanners, venues }: PipelineRoutesOptions): void {
  app.route({
    method: 'PUT',
    url: '/api/pipelines/:id',
    schema: {
      tags,
      summary: 'Replace a pipeline',
      description: 'Omitted fields get their defaults. Send `If-Match` to avoid overwriting a newer version.',
      params: pipelineParams,
      headers: ifMatchHeaders,
      body: pipelineBody,
      response: { 200: pipelineSchema, ...errorResponses(...CHANGE_ERRORS) },
    },
    handler: async (request, reply) => {
      const viewer = viewerOf(request);
      const { userId } = found(await pipelines.find(viewer, request.params.id), 'pipeline').pipeline;
      await assertSoundPipeline(request.body, viewer, scanners);
      const definition = toPipelineDefinition(request.body);
      await assertVenuePermitted({ ...definition, userId }, venues);
      const changed = await pipelines.update(viewer, request.params.id, definition, request.headers['if-match']);
      const record = found(changed, 'pipeline');
      return reply.header('etag', `"${record.pipeline.version}"`).send(pipelineResource(record));
    },
  });
}

function registerPatch(app: ApiApp, { pipelines, scanners, venues }: PipelineRoutesOptions): void {
  app.route({
    method: 'PATCH',
    url: '/api/pipelines/:id',
    schema: {
      tags,
      summary: 'Change some fields of a pipeline',
      description:
        'JSON merge patch (RFC 7396): omitted fields stay unchanged, null restores the default, and lists are replaced as a whole.',
      params: pipelineParams,
      headers: ifMatchHeaders,
      body: pipelinePatchBody,
      response: { 200: pipelineSchema, ...errorResponses(...CHANGE_ERRORS) },
    },
    handler: async (request, reply) => {
      const viewer = viewerOf(request);
      const current = found(await pipelines.find(viewer, request.params.id), 'pipeline').pipeline;
      const input = parseInput(pipelineInputSchema, applyMergePatch(pipelineInputOf(current), request.body));
      await assertSoundPipeline(input, viewer, scanners);
      const definition = toPipelineDefinition(input);
      await assertVenuePermitted({ ...definition, userId: current.userId }, venues);
      // Without If-Match, the version just read must still be current, because the patch was merged into it.
      const expected = request.headers['if-match'] ?? current.version;
      const changed = await pipelines.update(viewer, current.id, definition, expected);
      const record = found(changed, 'pipeline');
      return reply.header('etag', `"${record.pipeline.version}"`).send(pipelineResource(record));
    },
  });
}

function registerDelete(app: ApiApp, { pipelines }: PipelineRoutesOptions): void {
  app.route({
    method: 'DELETE',
    url: '/api/pipelines/:id',
    schema: {
      tags,
      summary: 'Delete a pipeline',
      description: 'The pipeline is deactivated and hidden. Its decisions, executions and orders are kept.',
      params: pipelineParams,
      response: {
        204: z.undefined(),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    handler: async (request, reply) => {
      const removed = await pipelines.remove(viewerOf(request), request.params.id);
      found(removed || null, 'pipeline');
      return reply.code(204).send();
    },
  });
}
