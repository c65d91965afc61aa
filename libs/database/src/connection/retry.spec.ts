import { DatabaseUnavailableError } from './errors';
import { retryTransient } from './retry';

const transient = () => Object.assign(new Error('gone'), { code: 'ECONNRESET' });

describe('retrying', () => {
  it('repeats until it succeeds and counts the attempts', async () => {
    const attempts: number[] = [];
    const answer = await retryTransient(
      async (attempt) => {
        attempts.push(attempt);
        if (attempt < 3) throw transient();
        return 'done';
      },
      { deadlineMs: 5_000 },
    );
    expect([answer, attempts]).toEqual(['done', [1, 2, 3]]);
  });

  it('throws a permanent error at once', async () => {
    let attempts = 0;
    const work = retryTransient(
      async () => {
        attempts += 1;
        throw new RangeError('wrong');
      },
      { deadlineMs: 5_000 },
    );
    await expect(work).rejects.toBeInstanceOf(RangeError);
    expect(attempts).toBe(1);
  });

  it('gives up at the deadline or when aborted, with the last error as cause', async () => {
    const cause = transient();
    const work = async () => Promise.reject(cause);
    await expect(retryTransient(work, { deadlineMs: 0 })).rejects.toMatchObject({ attempts: 1, cause });
    const stopped = retryTransient(work, { deadlineMs: 60_000, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });
});
