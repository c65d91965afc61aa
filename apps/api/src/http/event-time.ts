import { isTooFarAhead, MAX_EVENT_AHEAD_MS, TriplineError } from '@tripline/contracts';

/**
 * Denies an event whose time lies too far in the future.
 *
 * @param field body field, for the error details
 * @param times event time and current time, epoch ms
 * @throws TriplineError `EVENT_TIME_IN_FUTURE`
 */
export function assertEventHappened(field: string, times: { occurredAt: number; nowMs: number }): void {
  if (isTooFarAhead(times.occurredAt, times.nowMs)) throw eventInFuture(field);
}

/** The error for an event time too far in the future. */
export function eventInFuture(field: string): TriplineError {
  const message = `the event time lies more than ${MAX_EVENT_AHEAD_MS / 60_000} minutes in the future`;
  return new TriplineError('EVENT_TIME_IN_FUTURE', `Invalid ${field}: ${message}.`, {
    details: { issues: [{ in: 'body', path: field, message }], max_ahead_seconds: MAX_EVENT_AHEAD_MS / 1000 },
  });
}
