import { BODY_BYTES, REQUEST_SECONDS } from '../buckets';
import { counter, fromOpenTelemetry, gauge, histogram, SERVICE_NAMES } from '../definition';
import { HTTP_METHOD } from '../label-values';

/** Route templates are few; requests that match no route share one value. */
const REQUEST_LABELS = { method: HTTP_METHOD, endpoint: 100, status: 40 } as const;

/** HTTP server of the api. */
export const HTTP_METRICS = {
  http_requests_total: counter(['api'], 'HTTP requests, by route template.', REQUEST_LABELS),
  http_request_duration_seconds: histogram(['api'], 'Time to answer an HTTP request.', REQUEST_SECONDS, REQUEST_LABELS),
  http_request_size_bytes: histogram(['api'], 'Size of HTTP request bodies.', BODY_BYTES, {}),
  http_response_size_bytes: histogram(['api'], 'Size of HTTP response bodies.', BODY_BYTES, {}),
  http_active_requests: gauge(['api'], 'HTTP requests in progress.', {}),
  http_server_active_requests: gauge(
    ['api'],
    'HTTP requests in progress, under the OpenTelemetry name; its http instrumentation does not emit it.',
    {},
  ),
  http_server_request_duration_seconds: fromOpenTelemetry(
    'histogram',
    ['api'],
    'Duration of HTTP server requests (OpenTelemetry).',
    { http_request_method: 20, http_response_status_code: 60, http_route: 100, otel_scope_name: 5 },
  ),
  http_client_request_duration_seconds: fromOpenTelemetry(
    'histogram',
    SERVICE_NAMES,
    'Duration of HTTP client requests (OpenTelemetry).',
    { http_request_method: 20, http_response_status_code: 60, server_address: 50, otel_scope_name: 5 },
  ),
  rate_limit_exceeded_total: counter(['api'], 'Requests denied by the rate limit.', { endpoint: 100 }),
  application_errors_total: counter(['api'], 'Requests that ended in an unexpected error, by error code.', {
    error_type: 50,
  }),
} as const;
