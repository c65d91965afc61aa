import type { Writable } from 'node:stream';

/**
 * What is written to the stream in one turn of the event loop leaves by one system call at its end: to a server on the same
 * machine a call costs more than making what it sends. Nothing waits for a timer. A socket must be connected: `connect()` gives it
 * its own `write` back.
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
