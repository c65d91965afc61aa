import type { WebhookRepository } from '@tripline/pipeline-store';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { pipelineParams } from '../pipelines/pipeline-schemas';
import { newWebhookSchema, webhookSchema } from './webhook-schemas';
import type { WebhookSecrets } from './webhook-secrets';

export interface WebhookRoutesOptions {
  readonly webhooks: WebhookRepository;
  readonly secrets: WebhookSecrets;
}

/** Lets the owner of a pipeline create, view and delete its webhook. */
export function registerWebhookRoutes(app: ApiApp, options: WebhookRoutesOptions): void {
  registerCreate(app, options);
  registerRead(app, options);
  registerRemove(app, options);
}

function registerCreate(app: ApiApp, { webhooks, secrets }: WebhookRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/pipelines/:id/webhook',
    schema: {
      tags: ['webhooks'],
      summary: "Create a pipeline's webhook or replace its secret",
      description:
        'The secret is shown only in this response, and any earlier secret stops working. Calls start executions only while the ' +
        "pipeline's `trigger_mode` is `webhook`.",
      params: pipelineParams,
      response: {
        201: newWebhookSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND', 'LIMIT_REACHED'),
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { secret, stored } = secrets.create(id);
      const createdAt = found(await webhooks.save(viewerOf(request), id, stored), 'pipeline');
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...resource(id, createdAt), secret });
    },
  });
}

function registerRead(app: ApiApp, { webhooks }: WebhookRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/pipelines/:id/webhook',
    schema: {
      tags: ['webhooks'],
      summary: "Get a pipeline's webhook",
      params: pipelineParams,
      response: { 200: webhookSchema, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND') },
    },
    handler: async (request) => {
      const { id } = request.params;
      return resource(id, found(await webhooks.findCreatedAt(viewerOf(request), id), 'webhook'));
    },
  });
}

function registerRemove(app: ApiApp, { webhooks }: WebhookRoutesOptions): void {
  app.route({
    method: 'DELETE',
    url: '/api/pipelines/:id/webhook',
    schema: {
      tags: ['webhooks'],
      summary: "Delete a pipeline's webhook",
      params: pipelineParams,
      response: {
        204: z.null().describe('gone'),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    handler: async (request, reply) => {
      found((await webhooks.remove(viewerOf(request), request.params.id)) || null, 'webhook');
      return reply.code(204).send(null);
    },
  });
}

function resource(pipelineId: string, createdAt: number): z.output<typeof webhookSchema> {
  return { url: `/api/hooks/${pipelineId}`, created_at: new Date(createdAt).toISOString() };
}
