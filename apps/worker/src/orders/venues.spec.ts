import { createExposition, createMetrics } from '@tripline/telemetry';

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

  it('counts the requests to the broker in broker_requests_total, by outcome', async () => {
    // Nothing listens on port 9 of the loopback.
    const venue = createVenues({ url: 'http://127.0.0.1:9', timeoutMs: 500, venues: ['alpha'] }, metrics)('alpha');
    if (venue?.kind !== 'external') throw new Error('the venue is bound to the broker');
    await venue.broker.find('no-such-order').catch(() => undefined);
    const { body } = await createExposition(metrics).render('text/plain');
    expect(body).toMatch(/^broker_requests_total\{outcome="\w+"\} 1$/m);
  });

  it('knows only paper venues when no broker is configured', () => {
    const venueOf = createVenues(null, metrics);
    expect(['paper', 'alpha'].map((venue) => venueOf(venue)?.kind)).toEqual(['internal', undefined]);
  });
});
