import { eventually } from './eventually';

describe('eventually', () => {
  it('returns what the first successful attempt returns', async () => {
    let calls = 0;
    const answer = await eventually(() => (++calls < 3 ? false : 'ready'), { intervalMs: 1 });
    expect(answer).toBe('ready');
    expect(calls).toBe(3);
  });

  it('accepts a block of expectations that stops throwing', async () => {
    let calls = 0;
    await eventually(
      () => {
        calls += 1;
        expect(calls).toBeGreaterThan(2);
      },
      { intervalMs: 1 },
    );
    expect(calls).toBe(3);
  });

  it('names the condition and keeps the last failure when the deadline passes', async () => {
    const failure = new Error('still two rows');
    const wait = eventually(
      () => {
        throw failure;
      },
      { timeoutMs: 10, intervalMs: 1, description: 'the table is empty' },
    );
    await expect(wait).rejects.toMatchObject({
      message: 'the table is empty did not hold within 10 ms: still two rows',
      cause: failure,
    });
  });
});
