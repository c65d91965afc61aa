import { TriplineError, ERROR_CODES } from '@tripline/contracts';
import type { Logger, Metrics } from '@tripline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { endpointOf, type ApiApp } from './api-app';
import { errorEnvelope, toTriplineError } from './error-envelope';

export interface ErrorHandlingOptions {
  logger: Logger;
  metrics: Metrics;
}

/** Sends every error in the common envelope. Server errors are logged with their cause; client errors are not. */
export function registerErrorHandling(app: ApiApp, options: ErrorHandlingOptions): void {
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, options));
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const message = `There is no ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}.`;
    return answerError(new TriplineError('NOT_FOUND', message), request, reply, options);
  });
}

/** Sends `error`. Also used for requests that Fastify rejects before routing. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { logger, metrics }: ErrorHandlingOptions,
): FastifyReply {
  const known = toTriplineError(error);
  const status = ERROR_CODES[known.code].status;
  metrics.counter('application_errors_total').inc({ error_type: known.code });
  if (status >= 500) {
    logger.error(
      {
        event: 'request_failed',
        method: request.method,
        route: endpointOf(request),
        request_id: request.id,
        ...(request.caller ? { user_id: request.caller.id } : {}),
        ...request.traceIds,
        code: known.code,
        err: known.cause ?? known,
      },
      'request failed',
    );
  }
  const retryAfter = known.code === 'UNAVAILABLE' ? 5 : known.details['retry_after_seconds'];
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) {
    void reply.header('retry-after', String(retryAfter));
  }
  // Serialised here, because the route's schema would fail on a status that it does not list.
  return reply
    .code(status)
    .header('x-request-id', request.id)
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(errorEnvelope(known, request.id));
}
