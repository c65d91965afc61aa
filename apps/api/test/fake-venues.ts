import { isPaperVenue } from '@tripline/risk';
import { DuplicateError } from '@tripline/database';
import type { VenueRecord, VenueRepository } from '@tripline/trading-store';

/** Venues in memory. */
export function createFakeVenues(now: () => number): VenueRepository {
  const rows = new Map<string, VenueRecord>();
  const change = (name: string, values: (row: VenueRecord) => Partial<VenueRecord>): VenueRecord | null => {
    const row = rows.get(name);
    if (row === undefined) return null;
    const changed = { ...row, ...values(row) };
    rows.set(name, changed);
    return changed;
  };
  const isGranted = ({ isEnabled, userIds }: VenueRecord, userId: string) => isEnabled && userIds.includes(userId);
  return {
    list: async () => [...rows.values()],
    listGranted: async (userId) => [...rows.values()].filter((row) => isGranted(row, userId)).map(({ name }) => name),
    async create(name) {
      if (rows.has(name)) throw new DuplicateError('venues_pkey');
      const row = { name, isEnabled: true, userIds: [], createdAt: now() };
      rows.set(name, row);
      return row;
    },
    setEnabled: async (name, isEnabled) => change(name, () => ({ isEnabled })),
    grant: async (name, userId) => change(name, ({ userIds }) => ({ userIds: [...new Set([...userIds, userId])] })),
    revoke: async (name, userId) => change(name, ({ userIds }) => ({ userIds: userIds.filter((id) => id !== userId) })),
    async isPermitted(name, userId) {
      const row = rows.get(name);
      return isPaperVenue(name) || (row !== undefined && isGranted(row, userId));
    },
  };
}
