import { setTimeout as sleep } from 'node:timers/promises';

import { classifyError } from './classify-error';
import { DatabaseUnavailableError } from './errors';

const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 1_000;

export interface RetryOptions {
  /** Time limit, ms; default `retryDeadlineMs` of the configuration. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats `work` after transient failures, doubling the wait each time (with jitter), until the deadline.
 * @throws DatabaseUnavailableError with the last error as its cause. Any other error is thrown unchanged, at once.
 */
export async function retryTransient<T>(
  work: (attempt: number) => Promise<T>,
  options: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const giveUpAt = performance.now() + options.deadlineMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!classifyError(error).retryable) throw error;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS) * (0.5 + Math.random() / 2);
      if (options.signal?.aborted === true || performance.now() + delayMs >= giveUpAt) {
        throw new DatabaseUnavailableError(attempt, { cause: error });
      }
      await sleep(delayMs);
    }
  }
}
