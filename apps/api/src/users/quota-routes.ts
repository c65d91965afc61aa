import type { QuotaRepository } from '@tripline/user-store';
import type { Logger } from '@tripline/telemetry';

import { callerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema } from '../http/schemas';
import { quotaBody, quotaResource, quotaSchema } from './user-schemas';

export interface QuotaRoutesOptions {
  readonly quotas: QuotaRepository;
  readonly logger: Logger;
}

const ADMIN_ONLY = { access: ['admin'] } as const;

/** Quotas: administrators set them, the decision enforces them, and users can read their own. */
export function registerQuotaRoutes(app: ApiApp, options: QuotaRoutesOptions): void {
  registerReadQuotas(app, options);
  registerSetQuota(app, options);
}

function registerReadQuotas(app: ApiApp, { quotas }: QuotaRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/quota',
    schema: {
      tags: ['quotas'],
      summary: 'Get your quota and its current use',
      description: 'A trigger that exceeds a limit is skipped with the outcome `SKIPPED_QUOTA`. Null means no limit.',
      response: { 200: quotaSchema, ...errorResponses('UNAUTHENTICATED') },
    },
    handler: async (request) => quotaResource(found(await quotas.find(callerOf(request).id), 'user')),
  });
  app.route({
    method: 'GET',
    url: '/api/users/:id/quota',
    config: ADMIN_ONLY,
    schema: {
      tags: ['quotas'],
      summary: "Get an account's quota and its current use",
      params: idParamsSchema,
      response: {
        200: quotaSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    handler: async (request) => quotaResource(found(await quotas.find(request.params.id), 'user')),
  });
}

function registerSetQuota(app: ApiApp, { quotas, logger }: QuotaRoutesOptions): void {
  app.route({
    method: 'PUT',
    url: '/api/users/:id/quota',
    config: ADMIN_ONLY,
    schema: {
      tags: ['quotas'],
      summary: "Set an account's quota",
      description: 'Applies from the next decision. Active executions continue. Null removes a limit.',
      params: idParamsSchema,
      body: quotaBody,
      response: {
        200: quotaSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'),
      },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { max_active: maxActive, max_per_minute: maxPerMinute, max_per_day: maxPerDay } = request.body;
      const setBy = callerOf(request).id;
      await quotas.set(id, { maxActive, maxPerMinute, maxPerDay }, setBy);
      const quota = found(await quotas.find(id), 'user');
      logger.info({ event: 'quota_set', user_id: id, set_by: setBy, ...request.body }, 'quota set');
      return quotaResource(quota);
    },
  });
}
