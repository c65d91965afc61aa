import type { Logger, Metrics } from '@tripline/telemetry';

import type { NearMissCollectorOptions } from './near-miss-collector';

/** Counts searched and stored near misses, and logs failures. */
export function createNearMissReports(
  logger: Logger,
  metrics: Metrics,
): Pick<NearMissCollectorOptions, 'onSearched' | 'onWritten' | 'onFailed'> {
  const searches = metrics.counter('near_miss_searches_total');
  const misses = metrics.counter('near_misses_total');
  return {
    onSearched({ searched, skipped }) {
      searches.inc({ result: 'searched' }, searched);
      searches.inc({ result: 'skipped' }, skipped);
    },
    onWritten({ recorded, dropped }) {
      misses.inc({ result: 'recorded' }, recorded);
      misses.inc({ result: 'dropped' }, dropped);
    },
    onFailed: (error) =>
      logger.warn({ event: 'near_misses_failed', err: error }, 'near misses not stored; not retried'),
  };
}
