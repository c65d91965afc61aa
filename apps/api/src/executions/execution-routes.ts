import { EXECUTION_STATUSES } from '@tripline/triggers';
import type { ExecutionRepository } from '@tripline/execution-store';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema, pageQuerySchema, pageSchema, queryInstantSchema } from '../http/schemas';
import {
  executionDetailResource,
  executionDetailSchema,
  executionResource,
  executionSchema,
} from './execution-schemas';

export interface ExecutionRoutesOptions {
  executions: ExecutionRepository;
}

const listQuery = pageQuerySchema.extend({
  pipeline_id: z.uuid().optional(),
  status: z.enum(EXECUTION_STATUSES).optional(),
  from: queryInstantSchema.optional(),
  to: queryInstantSchema.optional(),
});

/** Executions of the caller's pipelines. */
export function registerExecutionRoutes(app: ApiApp, { executions }: ExecutionRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/executions',
    schema: {
      tags: ['executions'],
      summary: 'List your executions, newest first',
      querystring: listQuery,
      response: {
        200: pageSchema(executionSchema).meta({ id: 'ExecutionPage' }),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED'),
      },
    },
    handler: async (request) => {
      const { limit, cursor, from, to, pipeline_id: pipelineId, status } = request.query;
      const statuses = status === undefined ? undefined : [status];
      const page = await executions.list(viewerOf(request), { limit, cursor, from, to, pipelineId, statuses });
      return { items: page.items.map(executionResource), next_cursor: page.nextCursor };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/executions/:id',
    schema: {
      tags: ['executions'],
      summary: 'Get an execution with its steps, orders and fills',
      params: idParamsSchema,
      response: {
        200: executionDetailSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    handler: async (request) =>
      executionDetailResource(found(await executions.find(viewerOf(request), request.params.id), 'execution')),
  });
}
