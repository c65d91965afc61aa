import { openSync, readSync } from 'node:fs';

/** Of the thread that reads it: time on the processor, time spent waiting for one, both ns. */
const SCHEDULER_STATISTICS = '/proc/thread-self/schedstat';

/**
 * How long this thread was ready to run and other programs had the processor, ms since its start. Always 0 where the system
 * does not say. To be made on the thread that is measured.
 */
export function createRunDelayClock(): () => number {
  const buffer = Buffer.alloc(128);
  const file = openStatistics();
  if (file === undefined) return () => 0;
  return () => {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    return Number(buffer.toString('latin1', 0, length).split(' ')[1]) / 1_000_000;
  };
}

function openStatistics(): number | undefined {
  try {
    return openSync(SCHEDULER_STATISTICS, 'r');
  } catch {
    return undefined;
  }
}
