import { createExposition, createMetrics } from '@tripline/telemetry';

import { createLatencyRecorder, type LatencySummary } from '../support/latencies';

const WARM_UP_SCRAPES = 20;
const SCRAPES = 200;
/** The maximum that the label's cardinality limit admits. */
const ENDPOINTS = 100;
const OPENMETRICS = 'application/openmetrics-text';

export interface ScrapeSummary extends LatencySummary {
  readonly series: number;
}

/** Times the rendering of at least `atLeast` series, mostly histograms, as in a service with many labels. */
export async function measureScrape(atLeast: number): Promise<ScrapeSummary> {
  const metrics = createMetrics({ service: 'api' });
  const exposition = createExposition(metrics);
  const durations = metrics.histogram('http_request_duration_seconds');
  const requests = metrics.counter('http_requests_total');
  let series = 0;
  for (let endpoint = 0; series < atLeast && endpoint < ENDPOINTS; endpoint += 1) {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const) {
      const labels = { method, endpoint: `/api/v1/things-${endpoint}`, status: '200' };
      durations.observe(labels, endpoint / 1_000);
      requests.inc(labels);
    }
    series = countSeries((await exposition.render(OPENMETRICS)).body);
  }
  const recorder = createLatencyRecorder();
  for (let scrape = 0; scrape < WARM_UP_SCRAPES + SCRAPES; scrape += 1) {
    const startedAt = performance.now();
    await exposition.render(OPENMETRICS);
    if (scrape >= WARM_UP_SCRAPES) recorder.record(performance.now() - startedAt);
  }
  return { ...recorder.summary(), series: countSeries((await exposition.render(OPENMETRICS)).body) };
}

function countSeries(body: string): number {
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}
