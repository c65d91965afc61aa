import { createManualClock } from '@tripline/runtime';

import { JobLockLostError, WorkerStoppingError } from '../errors';
import { RunningJobs } from './running-jobs';
import { StuckDetector } from './stuck-detector';

/** A job that ends when its signal aborts. */
const untilAborted = (reasons: unknown[]) => (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      reasons.push(signal.reason);
      resolve();
    });
  });

describe('RunningJobs', () => {
  it('counts a job until it ends or fails', async () => {
    const jobs = new RunningJobs(() => 0);
    await expect(jobs.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(jobs.count).toBe(0);
    expect(await jobs.drained(1)).toBe(true);
  });

  it('aborts only the jobs whose locks the server reports as lost', async () => {
    const jobs = new RunningJobs(() => 0);
    const reasons: unknown[] = [];
    const lost = jobs.run('a', untilAborted(reasons));
    const kept = jobs.run('b', untilAborted(reasons));
    jobs.lockLost(['a', 'unknown']);
    await lost;
    expect(reasons).toEqual([expect.any(JobLockLostError)]);
    expect(jobs.count).toBe(1);
    jobs.abortAll();
    await kept;
    expect(reasons[1]).toBeInstanceOf(WorkerStoppingError);
  });

  it('aborts a job whose lock was not renewed for its duration', async () => {
    const clock = createManualClock();
    const jobs = new RunningJobs(() => clock.monotonicMs());
    const reasons: unknown[] = [];
    const expired = jobs.run('a', untilAborted(reasons));
    const renewed = jobs.run('b', untilAborted(reasons));
    clock.advance(20_000);
    jobs.renewed(['b']);
    clock.advance(20_000);
    jobs.abortExpired(30_000);
    await expired;
    expect(reasons).toHaveLength(1);
    jobs.abortAll();
    await renewed;
  });

  it('reports whether the jobs ended in time', async () => {
    const jobs = new RunningJobs(() => 0);
    const running = jobs.run('a', untilAborted([]));
    expect(await jobs.drained(1)).toBe(false);
    const draining = jobs.drained(10_000);
    jobs.abortAll();
    await running;
    expect(await draining).toBe(true);
  });
});

describe('StuckDetector', () => {
  it('reports once that jobs wait and none becomes active', () => {
    const clock = createManualClock();
    const detector = new StuckDetector(60_000, () => clock.monotonicMs());
    clock.advance(50_000);
    expect(detector.observe(3, 0)).toBe(false);
    clock.advance(11_000);
    expect(detector.observe(3, 0)).toBe(true);
    expect(detector.observe(3, 0)).toBe(false);
    expect(detector.waiting).toBe(3);
  });

  it('treats an empty queue, running jobs and started jobs as progress', () => {
    const clock = createManualClock();
    const detector = new StuckDetector(60_000, () => clock.monotonicMs());
    clock.advance(61_000);
    expect(detector.observe(0, 0)).toBe(false);
    clock.advance(61_000);
    expect(detector.observe(5, 2)).toBe(false);
    clock.advance(61_000);
    detector.reset();
    expect(detector.observe(5, 0)).toBe(false);
  });
});
