import { BODY_BYTES, LONG_SECONDS, REQUEST_SECONDS } from '../buckets';
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
  http_active_requests: gauge(['api'], 'HTTP requests being answered.', {}),
  http_server_active_requests: gauge(
    ['api'],
    'HTTP requests being answered, under the OpenTelemetry name; its http instrumentation does not emit it.',
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
  rate_limit_exceeded_total: counter(['api'], 'Requests refused by the rate limit.', { endpoint: 100 }),
  application_errors_total: counter(SERVICE_NAMES, 'Errors nobody handled on purpose, by class or code.', {
    error_type: 50,
  }),
} as const;

/** WebSocket connections of the api. */
export const WEBSOCKET_METRICS = {
  websocket_connections_active: gauge(['api'], 'Open WebSocket connections.', { endpoint: 20 }),
  websocket_subscriptions_active: gauge(['api'], 'Active subscriptions of WebSocket clients.', {}),
  websocket_messages_sent_total: counter(['api'], 'WebSocket messages sent.', { endpoint: 20, type: 30 }),
  websocket_messages_received_total: counter(['api'], 'WebSocket messages received.', { endpoint: 20, type: 30 }),
  websocket_errors_total: counter(['api'], 'WebSocket errors.', { error_type: 30 }),
  websocket_connection_duration_seconds: histogram(['api'], 'Life time of WebSocket connections.', LONG_SECONDS, {}),
} as const;
