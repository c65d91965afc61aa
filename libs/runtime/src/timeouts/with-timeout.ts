/** The work did not end in time. The work itself goes on: a promise cannot be stopped. */
export class TimeoutError extends Error {
  readonly code = 'TIMEOUT';
  /** The time limit in milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`not done after ${timeoutMs} ms`);
    this.name = 'TimeoutError';
    this.timeoutMs = timeoutMs;
  }
}

/**
 * Returns the result of the work, or its error, if it ends within `timeoutMs`. A later error of the work is ignored.
 *
 * @throws TimeoutError
 */
export async function withTimeout<T>(work: PromiseLike<T> | T, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits at most `timeoutMs` for the work, whether it succeeds or fails. True when it ended in time. */
export async function endsWithin(work: PromiseLike<unknown>, timeoutMs: number): Promise<boolean> {
  const ended = Promise.resolve(work).then(
    () => true,
    () => true,
  );
  return withTimeout(ended, timeoutMs).catch(() => false);
}
