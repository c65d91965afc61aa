import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Give up after this long; default 10 s. */
  readonly timeoutMs?: number;
  /** Pause between two attempts; default 50 ms. */
  readonly intervalMs?: number;
  /** The condition to wait for, used in the error message. */
  readonly description?: string;
}

/**
 * Waits for a condition instead of sleeping: calls `attempt` until it neither throws nor answers `false`. `undefined`
 * counts as success, so that a block of `expect` calls can be passed.
 *
 * @returns what the successful attempt returned
 * @throws Error after `timeoutMs`, with the last failure as cause
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const { timeoutMs = 10_000, intervalMs = 50, description = 'the condition' } = options;
  const deadline = performance.now() + timeoutMs;
  let lastFailure: unknown;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== false) return result as Exclude<T, false>;
      lastFailure = new Error('answered false');
    } catch (error) {
      lastFailure = error;
    }
    if (performance.now() >= deadline) {
      const reason = lastFailure instanceof Error ? lastFailure.message : String(lastFailure);
      throw new Error(`${description} did not hold within ${timeoutMs} ms: ${reason}`, { cause: lastFailure });
    }
    await pause(intervalMs);
  }
}
