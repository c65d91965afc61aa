import { createIntervalLoop } from './interval-loop';

describe('createIntervalLoop', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('does nothing before its start, then runs one round per interval', async () => {
    let rounds = 0;
    const run = () => Promise.resolve(void (rounds += 1));
    const loop = createIntervalLoop({ name: 'l', intervalMs: 10, run, onFailed: () => undefined });
    await jest.advanceTimersByTimeAsync(50);
    await loop.start();
    await jest.advanceTimersByTimeAsync(35);
    await loop.stop();
    await jest.advanceTimersByTimeAsync(50);
    expect(rounds).toBe(3);
  });

  it('skips rounds that would overlap a long one, which can see a stop, and the stop waits for it', async () => {
    const round = Promise.withResolvers<void>();
    let rounds = 0;
    let sawStop: () => boolean = () => false;
    const loop = createIntervalLoop({
      name: 'l',
      intervalMs: 10,
      run: (isStopping) => {
        rounds += 1;
        sawStop = isStopping;
        return round.promise;
      },
      onFailed: () => undefined,
    });
    await loop.start();
    await jest.advanceTimersByTimeAsync(100);
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await jest.advanceTimersByTimeAsync(100);
    expect([rounds, stopped, sawStop()]).toEqual([1, false, true]);
    round.resolve();
    await stopping;
  });

  it('continues after a failed round', async () => {
    const failures: unknown[] = [];
    const run = () => Promise.reject(new Error('away'));
    const loop = createIntervalLoop({ name: 'l', intervalMs: 10, run, onFailed: (error) => failures.push(error) });
    await loop.start();
    await jest.advanceTimersByTimeAsync(25);
    await loop.stop();
    expect(failures).toHaveLength(2);
  });
});
