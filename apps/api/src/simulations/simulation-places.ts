import { TriplineError } from '@tripline/contracts';

/** How many simulations may be under way in this process, and of one user. */
export interface PlaceLimits {
  readonly places: number;
}

const RETRY_AFTER_SECONDS = 5;

/** Simulations read much and count much: a few at a time, one per user; the others are told to come again. */
export function createSimulationPlaces({ places }: PlaceLimits) {
  const busy = new Set<string>();
  return {
    /** @throws TriplineError `RATE_LIMITED` */
    async take<T>(userId: string, work: () => Promise<T>): Promise<T> {
      if (busy.has(userId)) throw busyError('A simulation of yours is under way.');
      if (busy.size >= places) throw busyError('Other simulations are under way.');
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
