import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

/**
 * Tells the http instrumentation the route template of the request being handled, for the span's name and the label
 * `http_route`; call it once the route is known. Outside of an instrumented request it does nothing.
 */
export function setHttpRoute(route: string): void {
  const metadata = getRPCMetadata(context.active());
  if (metadata !== undefined) metadata.route = route;
}
