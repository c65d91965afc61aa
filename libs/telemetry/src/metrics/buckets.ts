/**
 * Bucket boundaries. Durations are seconds and avoid whole numbers, so that no rule depends on how a writer prints
 * `1`; thresholds that alerts and objectives use (0.5 s, 0.25 s, 0.05 s …) are boundaries, so that a ratio is exact.
 */

/** In-memory work: 10 µs to 0.25 s. */
export const COMPUTE_SECONDS = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25];

/** One call to Redis or a local cache: 0.1 ms to 0.75 s. */
export const CACHE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.75];

/** One SQL statement or transaction: 0.5 ms to 7.5 s. */
export const DATABASE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.5, 2.5, 7.5];

/** One HTTP request or publish: 2.5 ms to 9.5 s. */
export const REQUEST_SECONDS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.5, 2.5, 4.5, 9.5];

/** One batch of the dispatcher: 1 ms to 9.5 s. */
export const BATCH_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.95, 2.5, 4.5, 9.5];

/** A pipeline execution with its agents: 1 ms to 5 min. */
export const EXECUTION_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.95, 2.5, 4.5, 9.5, 29.5, 59.5, 119.5, 299.5,
];

/** One agent: 50 µs for one that computes, to 2 min for one that asks a model. */
export const AGENT_SECONDS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 9.5, 29.5, 119.5];

/** Waiting between two stages, signal age included: 5 ms to one hour. */
export const AGE_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.95, 2.5, 4.5, 9.5, 29.5, 59.5, 299.5, 899.5, 3599.5,
];

/** Jobs of minutes (backtests) and long-lived connections: 0.1 s to 2 h. */
export const LONG_SECONDS = [0.1, 0.5, 0.95, 4.5, 14.5, 59.5, 179.5, 599.5, 1799.5, 3599.5, 7199.5];

/** Records per batch; the half makes "at most n" exact for whole counts. */
export const COUNT = [1.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 200.5, 500.5, 1000.5];

/** Cost of one execution in US dollars. */
export const COST_USD = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.95, 2.5,
];

/** Bodies of requests and responses, in bytes; the half makes "at most n" exact for whole counts. */
export const BODY_BYTES = [100.5, 500.5, 1_000.5, 5_000.5, 10_000.5, 50_000.5, 100_000.5, 500_000.5, 1_000_000.5];
