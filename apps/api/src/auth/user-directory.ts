import type { UserRecord, UserRepository } from '@tripline/user-store';

/** How long a change of role or a deactivation may take to reach every process. */
const FRESH_MS = 5_000;
const MAX_REMEMBERED = 10_000;

export interface UserDirectory {
  /** The active user of this id; null when there is none or it was deactivated. */
  findActive(id: string): Promise<UserRecord | null>;
  /** Forgets what is remembered about a user, so that a change made in this process holds at once. */
  forget(id: string): void;
}

/** Users by id for every request, remembered for five seconds: one query per user and not one per request. */
export function createUserDirectory(options: {
  users: Pick<UserRepository, 'findById'>;
  /** Milliseconds of a clock that never goes back. */
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
