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
 * Who may call a route: everybody, every user who is logged in (the default), only these roles, or whoever has the secret of
 * the webhook that is called.
 */
export type Access = 'public' | 'webhook' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set by the authentication hook; null on public routes. */
    caller: Caller | null;
    /** Trace and span id of the server span, for the one log line of the request. */
    traceIds: Readonly<Record<string, string>>;
  }
}

/** Route template of a request (never the URL, which holds ids), `unmatched` where no route fits. */
export function endpointOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched';
}
