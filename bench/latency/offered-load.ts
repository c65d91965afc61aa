/** A rate, and the share of its signals that start an execution. */
export interface OfferedLoad {
  readonly ratePerSecond: number;
  /** Matches per signal, chosen to start at most 500 executions per second. */
  readonly matchesPerSignal: number;
  /** Goal for the 95th percentile, ms. */
  readonly goalP95Ms: number;
}

export const OFFERED_LOADS: readonly OfferedLoad[] = [
  { ratePerSecond: 100, matchesPerSignal: 1, goalP95Ms: 15 },
  { ratePerSecond: 1_000, matchesPerSignal: 0.5, goalP95Ms: 30 },
  { ratePerSecond: 5_000, matchesPerSignal: 0.1, goalP95Ms: 100 },
];

/** Minimum time before a ticker repeats, ms; long enough for its previous execution to end. */
const ROUND_MS = 2_000;

/** The tickers of a load; each occurs once per round. */
export function tickersOf({ ratePerSecond }: OfferedLoad): string[] {
  const count = Math.ceil((ratePerSecond * ROUND_MS) / 1_000);
  return Array.from({ length: count }, (_, index) => `L${ratePerSecond}-${index}`);
}

/** Whether the ticker at this index has a pipeline, so that each of its signals starts an execution. */
export function isMatching({ matchesPerSignal }: OfferedLoad, index: number): boolean {
  return index % Math.round(1 / matchesPerSignal) === 0;
}
