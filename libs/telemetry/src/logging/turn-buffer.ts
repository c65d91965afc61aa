import type { DestinationStream } from 'pino';

/** More than this is not kept back. */
const MAX_BUFFERED_CHARS = 64 * 1024;

/**
 * Joins the lines of one turn of the event loop into one write: under load hundreds of lines come in a turn, and each write
 * is a system call. Nothing waits for a timer, and what is buffered when the process exits is written then; only a kill loses the
 * lines of its last turn.
 */
export function bufferPerTurn(target: DestinationStream): DestinationStream {
  let buffered = '';
  const flush = (): void => {
    if (buffered === '') return;
    const lines = buffered;
    buffered = '';
    target.write(lines);
  };
  process.on('exit', flush);
  return {
    write(line) {
      if (buffered === '') setImmediate(flush);
      buffered += line;
      if (buffered.length > MAX_BUFFERED_CHARS) flush();
    },
  };
}
