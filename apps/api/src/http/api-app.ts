import type { IncomingMessage, ServerResponse } from 'node:http';

import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

import type { Caller, Role } from '../auth/caller';

/** The Fastify instance of this app: request and response types come from the zod schemas of each route. */
export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/**
 * Who may call a route: anyone (`public`), every authenticated user (the default), only the listed roles, or callers with the
 * webhook's secret (`webhook`).
 */
export type Access = 'public' | 'webhook' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set by the authentication hook; null on public routes. */
    caller: Caller | null;
    /** Trace and span id of the server span, for the request's log event. */
    traceIds: Readonly<Record<string, string>>;
  }
}

/** Route template of a request, or `unmatched`. Never the URL, which contains ids. */
export function endpointOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched';
}
