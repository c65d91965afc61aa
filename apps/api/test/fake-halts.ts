import { randomUUID } from 'node:crypto';

import type { HaltRecord } from '@tripline/trading-store';

import type { HaltRoutesOptions } from '../src/halts/halt-routes';

/** Halts in memory. Engaging one cancels nothing. */
export function createFakeHalts(now: () => number): HaltRoutesOptions['halts'] {
  const rows = new Map<string, HaltRecord>();
  return {
    async engage(halt) {
      const row = { ...halt, id: randomUUID(), engagedAt: now(), liftedBy: null, liftedAt: null, liftReason: null };
      rows.set(row.id, row);
      return { halt: row, cancelledExecutions: 0, cancelledOrders: 0, closingOrders: 0 };
    },
    async lift(id, liftedBy, liftReason) {
      const row = rows.get(id);
      if (row === undefined || row.liftedAt !== null) return null;
      const lifted = { ...row, liftedBy, liftReason, liftedAt: now() };
      rows.set(id, lifted);
      return lifted;
    },
    find: async (id) => rows.get(id) ?? null,
    async list({ isActive, userId } = {}) {
      const items = [...rows.values()].filter(
        (row) =>
          (isActive === undefined || isActive === (row.liftedAt === null)) &&
          (userId === undefined || row.level !== 'user' || row.subject === userId),
      );
      return { items, nextCursor: null };
    },
  };
}
