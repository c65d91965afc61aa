/** A rate, and how many of its signals start a run. */
export interface OfferedLoad {
  readonly ratePerSecond: number;
  /** Matches per signal: chosen so that at most 500 runs start in a second. */
  readonly matchesPerSignal: number;
  /** Goal of the 95th percentile, ms. */
  readonly goalP95Ms: number;
}

export const OFFERED_LOADS: readonly OfferedLoad[] = [
  { ratePerSecond: 100, matchesPerSignal: 1, goalP95Ms: 15 },
  { ratePerSecond: 1_000, matchesPerSignal: 0.5, goalP95Ms: 30 },
  { ratePerSecond: 5_000, matchesPerSignal: 0.1, goalP95Ms: 100 },
];

/** A ticker comes round once in so many ms at least, so that its last run has ended. */
const ROUND_MS = 2_000;

/** The tickers of a load, each met once per round. */
export function tickersOf({ ratePerSecond }: OfferedLoad): string[] {
  const count = Math.ceil((ratePerSecond * ROUND_MS) / 1_000);
  return Array.from({ length: count }, (_, index) => `L${ratePerSecond}-${index}`);
}

/** Whether the ticker at this place has a pipeline, so that its signals start a run each. */
export function isMatching({ matchesPerSignal }: OfferedLoad, index: number): boolean {
  return index % Math.round(1 / matchesPerSignal) === 0;
}
