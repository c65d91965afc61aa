import { build } from 'hdr-histogram-js';

const MICROSECONDS_PER_MS = 1_000;
/** Ten minutes; longer durations are recorded as this value. */
const HIGHEST_MICROSECONDS = 600_000_000;

/** Milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Collects durations in an HdrHistogram: three significant digits from a microsecond to ten minutes. */
export interface LatencyRecorder {
  record(ms: number): void;
  /** Value at or below which `percentile` % of the durations lie, ms. */
  at(percentile: number): number;
  summary(): LatencySummary;
}

export function createLatencyRecorder(): LatencyRecorder {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_MICROSECONDS,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / MICROSECONDS_PER_MS;
  return {
    record(ms) {
      const microseconds = Math.round(ms * MICROSECONDS_PER_MS);
      // With two clocks that differ by a few microseconds, an end may appear to precede its beginning.
      histogram.recordValue(Math.min(HIGHEST_MICROSECONDS, Math.max(1, microseconds)));
    },
    at,
    summary: () => ({ count: histogram.totalCount, p50: at(50), p95: at(95), p99: at(99), max: at(100) }),
  };
}
