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

/** What users may start: set by administrators, held by the decision, read by everybody for himself. */
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
      summary: 'Read your own limits and what of them is used',
      description: 'What goes beyond is decided `SKIPPED_QUOTA`. A limit of null is none.',
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
      summary: 'Read the limits of an account and what of them is used',
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
      summary: 'Set the limits of an account',
      description: 'They hold from the next decision on; runs that are active go on. Null takes a limit away.',
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
      logger.info({ event: 'quota_set', user_id: id, set_by: setBy, ...request.body }, 'a quota was set');
      return quotaResource(quota);
    },
  });
}
