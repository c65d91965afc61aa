import { createMulberry32 } from '@tripline/runtime';

/** The source of all randomness in a simulation; the same seed gives the same values. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** Uniform whole number in [0, below). */
  int(below: number): number;
  /** Uniform whole number in [from, to]. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A random order of the list. */
  shuffle<T>(list: readonly T[]): T[];
  uuid(): string;
}

export function createRandom(seed: number): Random {
  // One round up front decorrelates neighbouring seeds.
  const float = createMulberry32(Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b));
  const int = (below: number): number => Math.floor(float() * below);
  return {
    float,
    int,
    between: (from, to) => from + int(to - from + 1),
    chance: (probability) => float() < probability,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('cannot pick from an empty list');
      return list[int(list.length)] as (typeof list)[number];
    },
    shuffle: (list) => {
      const result = [...list];
      for (let last = result.length - 1; last > 0; last -= 1) {
        const other = int(last + 1);
        [result[last], result[other]] = [result[other] as never, result[last] as never];
      }
      return result;
    },
    uuid: () => {
      const hex = Array.from({ length: 32 }, () => int(16).toString(16)).join('');
      return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join(
        '-',
      );
    },
  };
}
