/**
 * A search that cannot visit everything chooses its starting point from its turn: different turns give different
 * samples, and the same turn always gives the same one. These are the independent choices.
 */
export const SALTS = { place: 0x1000_0000, key: 0x2000_0000, range: 0x3000_0000, tie: 0x4000_0000 } as const;

/**
 * A number below `size`, determined by turn and salt and evenly distributed over turns (the finaliser of MurmurHash3).
 */
export function drawn(turn: number, salt: number, size: number): number {
  let hash = Math.imul(turn + salt, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % Math.max(1, size);
}

/** The items from index `by` on, followed by those before it. */
export function rotated<Item>(items: readonly Item[], by: number): Item[] {
  return by === 0 ? [...items] : [...items.slice(by), ...items.slice(0, by)];
}
