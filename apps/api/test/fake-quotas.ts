import type { QuotaLimits, UserRepository } from '@tripline/user-store';

import type { QuotaRoutesOptions } from '../src/users/quota-routes';

const UNLIMITED: QuotaLimits = { maxActive: null, maxPerMinute: null, maxPerDay: null };

/** Limits in memory. Their use is always 0. */
export function createFakeQuotas(
  users: Pick<UserRepository, 'findById'>,
  now: () => number,
): QuotaRoutesOptions['quotas'] {
  const rows = new Map<string, QuotaLimits & { updatedAt: number }>();
  return {
    async find(userId) {
      if ((await users.findById(userId)) === null) return null;
      const use = { active: 0, thisMinute: 0, today: 0 };
      return { userId, ...UNLIMITED, updatedAt: null, ...rows.get(userId), use };
    },
    async set(userId, limits) {
      if ((await users.findById(userId)) === null) return false;
      rows.set(userId, { ...limits, updatedAt: now() });
      return true;
    },
  };
}
