/** Redis did not answer in time or rejected the command; whether jobs were stored is unknown. */
export class QueueUnavailableError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'QueueUnavailableError';
  }
}

/** Why a Redis server is unfit to hold our queue. */
export type UnfitReason = 'evicts_keys' | 'is_replica' | 'unknown_policy';

/** The server would lose jobs silently. `reason` says why; the message says what to set. */
export class UnfitRedisError extends Error {
  readonly reason: UnfitReason;

  constructor(reason: UnfitReason, message: string) {
    super(message);
    this.name = 'UnfitRedisError';
    this.reason = reason;
  }
}

/** The abort reason of a job whose lock is lost: another worker may run it. */
export class JobLockLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JobLockLostError';
  }
}

/** The abort reason of a job that exceeded the stop deadline. */
export class WorkerStoppingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WorkerStoppingError';
  }
}
