import { endsWithin, TimeoutError, withTimeout } from './with-timeout';

const NEVER = new Promise<never>(() => undefined);

describe('withTimeout', () => {
  it('returns the result or the error of work that ends in time', async () => {
    expect(await withTimeout(Promise.resolve(7), 1_000)).toBe(7);
    await expect(withTimeout(Promise.reject(new RangeError('x')), 1_000)).rejects.toBeInstanceOf(RangeError);
  });

  it('throws a TimeoutError with a stable code when the work takes longer', async () => {
    const error: unknown = await withTimeout(NEVER, 5).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 5 });
  });

  it('leaves no timer behind that would keep the process alive', async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await withTimeout(Promise.resolve(), 60_000);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before);
  });

  it('ignores an error of the work after the timeout', async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_, reject) => (fail = reject));
    await expect(withTimeout(work, 5)).rejects.toBeInstanceOf(TimeoutError);
    fail(new Error('late'));
    await new Promise(setImmediate);
  });
});

describe('endsWithin', () => {
  it('reports whether the work ended in time, even with an error', async () => {
    expect(await endsWithin(Promise.resolve(), 1_000)).toBe(true);
    expect(await endsWithin(Promise.reject(new Error('x')), 1_000)).toBe(true);
    expect(await endsWithin(NEVER, 5)).toBe(false);
  });
});
