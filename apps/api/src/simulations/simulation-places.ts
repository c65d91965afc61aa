import { TriplineError } from '@tripline/contracts';

/** How many simulations may be in progress in this process. Each user has at most one. */
export interface PlaceLimits {
  readonly places: number;
}

const RETRY_AFTER_SECONDS = 5;

/** Limits concurrent simulations, which are expensive: a few per process and one per user. Others are told to retry. */
export function createSimulationPlaces({ places }: PlaceLimits) {
  const busy = new Set<string>();
  return {
    /** @throws TriplineError `RATE_LIMITED` */
    async take<T>(userId: string, work: () => Promise<T>): Promise<T> {
      if (busy.has(userId)) throw busyError('You already have a simulation in progress.');
      if (busy.size >= places) throw busyError('Too many simulations are in progress.');
      busy.add(userId);
      try {
        return await work();
      } finally {
        busy.delete(userId);
      }
    },
  };
}
export type SimulationPlaces = ReturnType<typeof createSimulationPlaces>;

function busyError(message: string): TriplineError {
  return new TriplineError('RATE_LIMITED', message, { details: { retry_after_seconds: RETRY_AFTER_SECONDS } });
}
