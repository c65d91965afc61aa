import type { World } from '../kernel/world';
import type { Tables } from './tables';
import type { Transaction } from './transactions';

/** What a statement works on. */
export interface StatementContext {
  readonly tables: Tables;
  /** The clock of the database, epoch ms. */
  readonly now: number;
  readonly world: World;
  /** Whether writes of workers are checked by their lease: a planted bug leaves it out. */
  readonly isFenced: boolean;
  /** Whether the unique index of active runs is there. */
  readonly hasWall: boolean;
  /** Whether a run that wants another job gets another generation. */
  readonly hasGenerations: boolean;
  readonly transaction: Transaction;
  /** Locked by another transaction: skipped by who does not wait. */
  isTaken(key: string): boolean;
  take(key: string): void;
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** What a named statement of the stores does, and answers. */
export interface StatementModel {
  /** The rows it waits for before it does anything; it keeps them until the end of its transaction. */
  readonly locks?: (tables: Tables, values: readonly unknown[]) => readonly string[];
  /** A number: how many rows it wrote. */
  readonly run: (context: StatementContext, values: readonly unknown[]) => Rows | number;
}

/** A row is there already: the statement fails, and with it its transaction. */
export class UniqueViolationError extends Error {
  readonly code = '23505';
  constructor(readonly constraint: string) {
    super(`duplicate key: ${constraint}`);
    this.name = 'UniqueViolationError';
  }
}

export const runKey = (executionId: string): string => `run ${executionId}`;
export const pipelineKey = (pipelineId: string): string => `pipeline ${pipelineId}`;
export const quotaKey = (userId: string): string => `quota ${userId}`;
export const placeKey = (pipelineId: string, overlapKey: string, slot: number): string =>
  `place ${pipelineId}/${overlapKey}/${slot}`;

/** An array parameter: a list, or the text of a Postgres array. */
export function listOf(value: unknown): readonly (string | null)[] {
  if (Array.isArray(value)) return value.map((element: unknown) => (element === null ? null : String(element)));
  return parseArray(value as string);
}

export const textsOf = (value: unknown): readonly string[] => listOf(value).map((element) => element ?? '');
export const numbersOf = (value: unknown): readonly number[] => listOf(value).map(Number);
export const jsonOf = <T>(value: unknown): T => JSON.parse(value as string) as T;

/** `{a,"b\"c",NULL}`. */
function parseArray(text: string): (string | null)[] {
  const elements: (string | null)[] = [];
  let index = 1;
  while (index < text.length - 1) {
    let element = '';
    const isQuoted = text[index] === '"';
    if (isQuoted) {
      for (index += 1; text[index] !== '"'; index += 1) {
        if (text[index] === '\\') index += 1;
        element += text[index] ?? '';
      }
      index += 1;
    } else {
      const end = text.indexOf(',', index);
      element = text.slice(index, end < 0 ? text.length - 1 : end);
      index += element.length;
    }
    elements.push(!isQuoted && element === 'NULL' ? null : element);
    index += 1;
  }
  return elements;
}
