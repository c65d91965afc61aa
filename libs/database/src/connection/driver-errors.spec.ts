import { classifyError } from './classify-error';
import { DriverError, driverErrorOf } from './driver-errors';

describe('driverErrorOf', () => {
  it.each([
    ['Connection terminated unexpectedly', 'connection'],
    ['timeout expired', 'connection'],
    ['Query read timeout', 'timeout'],
    ['timeout exceeded when trying to connect', 'pool_exhausted'],
  ])('wraps the pg error "%s" in a DriverError', (message, type) => {
    const error = driverErrorOf(new Error(message));
    expect(error).toBeInstanceOf(DriverError);
    expect(classifyError(error)).toMatchObject({ type, retryable: true });
  });

  it('returns every other error unchanged', () => {
    for (const error of [new Error('x: Connection terminated'), 'timeout expired', undefined]) {
      expect(driverErrorOf(error)).toBe(error);
    }
  });
});
