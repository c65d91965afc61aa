import { TriplineError, ERROR_CODES } from '@tripline/contracts';
import type { Logger, Metrics } from '@tripline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { endpointOf, type ApiApp } from './api-app';
import { errorEnvelope, toTriplineError } from './error-envelope';

export interface ErrorHandlingOptions {
  logger: Logger;
  metrics: Metrics;
}

/** Every refusal and failure leaves in the one envelope; failures of ours are logged with their cause, refusals are not. */
export function registerErrorHandling(app: ApiApp, options: ErrorHandlingOptions): void {
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, options));
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const message = `There is no ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}.`;
    return answerError(new TriplineError('NOT_FOUND', message), request, reply, options);
  });
}

/** Answers `error`; also used for what Fastify refuses before it has found a route. */
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
  // Serialised here, not by the route's schema: an error of a status the route does not list must leave all the same.
  return reply
    .code(status)
    .header('x-request-id', request.id)
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(errorEnvelope(known, request.id));
}
