import type { Logger, Metrics } from '@tripline/telemetry';
import { currentTraceIds, setHttpRoute } from '@tripline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { endpointOf, type ApiApp } from './api-app';

export interface RequestEventsOptions {
  logger: Logger;
  metrics: Metrics;
  /** Monotonic clock, ms. */
  monotonicMs: () => number;
}

/**
 * Writes one log event and one set of metrics per request when its response is closed, including requests that were denied,
 * failed or aborted by the caller.
 */
export function registerRequestEvents(app: ApiApp, options: RequestEventsOptions): void {
  app.decorateRequest('traceIds');
  let active = 0;
  const setActive = (change: 1 | -1): void => {
    active += change;
    options.metrics.gauge('http_active_requests').set({}, active);
    options.metrics.gauge('http_server_active_requests').set({}, active);
  };
  app.addHook('onRequest', (request, reply, done) => {
    const startedAt = options.monotonicMs();
    request.traceIds = currentTraceIds();
    setHttpRoute(endpointOf(request));
    setActive(1);
    let isAnswered = false;
    reply.raw.once('finish', () => {
      isAnswered = true;
    });
    // `close` fires after every response and every abort. Fastify's onResponse misses aborts.
    reply.raw.once('close', () => {
      setActive(-1);
      recordRequest({ request, reply, isAnswered, durationMs: options.monotonicMs() - startedAt }, options);
    });
    done();
  });
}

interface EndedRequest {
  request: FastifyRequest;
  reply: FastifyReply;
  /** False when the caller disconnected before the whole response was written. */
  isAnswered: boolean;
  durationMs: number;
}

function recordRequest(
  { request, reply, isAnswered, durationMs }: EndedRequest,
  { logger, metrics }: RequestEventsOptions,
): void {
  // 499 is nginx's status for "client closed request"; there is no standard one.
  const status = isAnswered ? reply.statusCode : 499;
  const endpoint = endpointOf(request);
  const labels = { method: knownMethod(request.method), endpoint, status: String(status) };
  metrics.counter('http_requests_total').inc(labels);
  metrics.histogram('http_request_duration_seconds').observe(labels, durationMs / 1000);
  metrics.histogram('http_request_size_bytes').observe({}, sizeOf(request.headers['content-length']));
  metrics.histogram('http_response_size_bytes').observe({}, sizeOf(reply.getHeader('content-length')));
  const event = {
    event: 'http_request',
    method: request.method,
    route: endpoint,
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    request_id: request.id,
    ...(request.caller ? { user_id: request.caller.id } : {}),
    ...request.traceIds,
  };
  if (status >= 500) {
    logger.error(event, 'request failed');
  } else {
    logger.info(event, 'request handled');
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Callers can send any method, but a label needs a bounded set of values. */
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

function sizeOf(contentLength: unknown): number {
  const size = Number(contentLength ?? 0);
  return Number.isFinite(size) && size > 0 ? size : 0;
}
