import { openSync, readSync } from 'node:fs';

/** For the thread that reads it: time on a core, and time waiting for one, both in ns. */
const SCHEDULER_STATISTICS = '/proc/thread-self/schedstat';

/**
 * How long this thread was ready but waiting while other programs used the core, ms since its start. Always 0 on systems
 * that do not report it. Create it on the thread to be measured.
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
