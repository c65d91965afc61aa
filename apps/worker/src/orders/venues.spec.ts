import { createMetrics } from '@tripline/telemetry';

import { createVenues } from './venues';

const metrics = createMetrics({ service: 'worker', defaultMetrics: false });

describe('createVenues', () => {
  it('maps bound venues to the broker and paper venues to internal fills, and knows no other venue', () => {
    const venueOf = createVenues({ url: 'http://broker.test', timeoutMs: 50, venues: ['alpha'] }, metrics);
    expect(['paper', 'paper-x', 'alpha', 'beta'].map((venue) => venueOf(venue)?.kind)).toEqual([
      'internal',
      'internal',
      'external',
      undefined,
    ]);
  });

  it('knows only paper venues when no broker is configured', () => {
    const venueOf = createVenues(null, metrics);
    expect(['paper', 'alpha'].map((venue) => venueOf(venue)?.kind)).toEqual(['internal', undefined]);
  });
});
