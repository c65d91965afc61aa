import { signalTypeSchema, tickerSchema } from '@tripline/contracts';
import type { SignalRepository } from '@tripline/decision-store';

import { signalViewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema, pageQuerySchema, pageSchema } from '../http/schemas';
import { deadSignalResource, deadSignalSchema, signalResource, signalSchema } from './signal-schemas';

export interface SignalRoutesOptions {
  signals: SignalRepository;
}

const listQuery = pageQuerySchema.extend({
  signal_type: signalTypeSchema.optional(),
  ticker: tickerSchema.optional(),
});

/** Signals that matched at least one pipeline. Users see shared signals and their own; administrators see all. */
export function registerSignalRoutes(app: ApiApp, { signals }: SignalRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/signals',
    schema: {
      tags: ['signals'],
      summary: 'List signals that matched a pipeline, newest first',
      description: 'Lists shared signals and your own. Administrators see all.',
      querystring: listQuery,
      response: {
        200: pageSchema(signalSchema).meta({ id: 'SignalPage' }),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED'),
      },
    },
    handler: async (request) => {
      const { limit, cursor, signal_type: signalType, ticker } = request.query;
      const page = await signals.list(signalViewerOf(request), { limit, cursor, signalType, ticker });
      return { items: page.items.map(signalResource), next_cursor: page.nextCursor };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/signals/:id',
    schema: {
      tags: ['signals'],
      summary: 'Get a signal',
      description: 'Returns a shared signal or your own. Signals that matched no pipeline are counted but not stored.',
      params: idParamsSchema,
      response: { 200: signalSchema, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND') },
    },
    handler: async (request) =>
      signalResource(found(await signals.find(signalViewerOf(request), request.params.id), 'signal')),
  });
  registerDeadSignals(app, signals);
}

function registerDeadSignals(app: ApiApp, signals: SignalRepository): void {
  app.route({
    method: 'GET',
    url: '/api/dead-signals',
    config: { access: ['admin'] },
    schema: {
      tags: ['signals'],
      summary: 'List dead signals, newest first',
      querystring: pageQuerySchema,
      response: {
        200: pageSchema(deadSignalSchema).meta({ id: 'DeadSignalPage' }),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    handler: async (request) => {
      const page = await signals.listDead(request.query);
      return { items: page.items.map(deadSignalResource), next_cursor: page.nextCursor };
    },
  });
}
