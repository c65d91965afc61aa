import type { Halt } from '@tripline/domain';

import type { Queryable } from '../database/queryable';

/** Halts in force; few, so they are read whole. For transactions that decide, start or send an order. */
export async function readActiveHalts(queryable: Queryable): Promise<readonly Halt[]> {
  return queryable.query<Halt>({
    name: 'halts-active',
    text: 'SELECT id, level, subject, mode, reason FROM halts WHERE lifted_at IS NULL',
  });
}
