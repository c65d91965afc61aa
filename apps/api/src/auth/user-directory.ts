import type { UserRecord, UserRepository } from '@tripline/user-store';

/** How long a role change or deactivation may take to reach every process, ms. */
const FRESH_MS = 5_000;
const MAX_REMEMBERED = 10_000;

export interface UserDirectory {
  /** The active user with this id; null when unknown or deactivated. */
  findActive(id: string): Promise<UserRecord | null>;
  /** Drops a user from the cache, to apply a change made in this process at once. */
  forget(id: string): void;
}

/** Looks users up by id for every request. Caches them for five seconds to avoid a query per request. */
export function createUserDirectory(options: {
  users: Pick<UserRepository, 'findById'>;
  /** Monotonic clock, ms. */
  monotonicMs: () => number;
}): UserDirectory {
  const remembered = new Map<string, { until: number; user: UserRecord | null }>();
  return {
    async findActive(id) {
      const now = options.monotonicMs();
      const known = remembered.get(id);
      if (known !== undefined && known.until > now) {
        return known.user;
      }
      const found = await options.users.findById(id);
      const user = found?.isActive ? found : null;
      if (remembered.size >= MAX_REMEMBERED) {
        remembered.clear();
      }
      remembered.set(id, { until: now + FRESH_MS, user });
      return user;
    },
    forget(id) {
      remembered.delete(id);
    },
  };
}
