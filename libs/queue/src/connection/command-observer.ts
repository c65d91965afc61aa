import type { RedisCommandEvent } from '../ports';
/** Subscribes to every Redis command of this process; returns the unsubscriber. */
export function observeRedisCommands(onCommand: (event: RedisCommandEvent) => void): () => void {
  throw new Error(`not built yet ${typeof onCommand}`);
}
