/**
 * An incremental indicator: takes one value and returns the indicator's value, `null` while it warms up. Amortised O(1)
 * per step.
 */
export interface Indicator<Input, Output> {
  /**
   * Takes the next value of the series.
   * @throws RangeError on NaN or an infinity, which would poison every later value; the state is unchanged then.
   */
  update(input: Input): Output | null;
}

/** Throws RangeError unless `period` is a whole number of at least `least`. */
export function requirePeriod(period: number, name: string, least = 1): number {
  if (!Number.isInteger(period) || period < least) {
    throw new RangeError(`${name} must be a whole number of at least ${least}, got ${period}`);
  }
  return period;
}

/** Throws RangeError on NaN and infinities. */
export function requireFinite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`an indicator takes finite numbers, got ${value}`);
  return value;
}
