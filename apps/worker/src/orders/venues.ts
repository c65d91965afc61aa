import { isPaperVenue } from '@tripline/risk';
import type { Metrics } from '@tripline/telemetry';

import type { Venue, VenueOf } from './broker';
import { type BrokerRequestOutcome, createHttpBroker, type HttpBrokerOptions } from './http-broker';

/** A broker with its credentials, and the venues they are bound to. */
export interface BoundBroker extends HttpBrokerOptions {
  readonly venues: readonly string[];
}

/** Paper venues are filled internally. The configured broker takes orders only for the venues it is bound to. */
export function createVenues(broker: BoundBroker | null, metrics: Metrics): VenueOf {
  const external = new Map<string, Venue>();
  if (broker !== null) {
    const requests = metrics.counter('broker_requests_total');
    const onRequest = (outcome: BrokerRequestOutcome): void => requests.inc({ outcome });
    const venue = { kind: 'external', broker: createHttpBroker({ ...broker, onRequest }) } as const;
    for (const name of broker.venues) external.set(name, venue);
  }
  return (name) => (isPaperVenue(name) ? { kind: 'internal' } : external.get(name));
}
