import type { Tables } from './tables';

/** What a statement works on. */
export interface StatementContext {
  readonly tables: Tables;
  /** The clock of the database, epoch ms. */
  readonly now: number;
  /** Whether writes of workers are checked by their lease: a planted bug leaves it out. */
  readonly isFenced: boolean;
  /** Rows another transaction has locked, and a way to lock more until the end of this one. */
  readonly locks: { isTaken(key: string): boolean; take(key: string): void };
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** What a named statement of the stores does, and answers. */
export type StatementModel = (context: StatementContext, values: readonly unknown[]) => Rows;

/** Values come as the driver gets them. */
export const listOf = <T>(value: unknown): readonly T[] => value as readonly T[];
export const jsonOf = <T>(value: unknown): T => JSON.parse(value as string) as T;
