import type { World } from '../kernel/world';
import type { Tables } from './tables';
import type { Transaction } from './transactions';

/** The context of a statement. */
export interface StatementContext {
  readonly tables: Tables;
  /** The database clock, epoch ms. */
  readonly now: number;
  readonly world: World;
  /** Whether workers' writes are checked against their lease; a planted bug turns it off. */
  readonly isFenced: boolean;
  /** Whether the unique index of active executions exists. */
  readonly hasWall: boolean;
  /** Whether an execution that needs another job gets a new generation. */
  readonly hasGenerations: boolean;
  readonly transaction: Transaction;
  /** Whether another transaction has locked the row; statements that do not wait skip such rows. */
  isTaken(key: string): boolean;
  take(key: string): void;
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** The effect and the answer of a named statement of the stores. */
export interface StatementModel {
  /** The rows that it locks first; it keeps the locks until the end of its transaction. */
  readonly locks?: (tables: Tables, values: readonly unknown[]) => readonly string[];
  /** A number is the count of rows written. */
  readonly run: (context: StatementContext, values: readonly unknown[]) => Rows | number;
}

/** The row already exists: the statement fails, and its transaction with it. */
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

/** An array parameter: a list, or the text of a PostgreSQL array. */
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
