import type { Writable } from 'node:stream';

/**
 * Sends everything written to the stream in one event-loop turn in one system call at its end, because on one machine the call
 * costs more than preparing the data. Nothing waits for a timer. A socket must already be connected: `connect()` restores its own
 * `write`.
 */
export function coalesceWrites(stream: Writable): void {
  const write = stream.write.bind(stream) as (...values: unknown[]) => boolean;
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    stream.uncork();
  };
  stream.write = (...values: unknown[]): boolean => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(uncork);
    }
    return write(...values);
  };
}
