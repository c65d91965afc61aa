import type { QueryResultRow } from 'pg';

import type { DatabaseErrorType } from './errors';

/** What a statement does; the closed value set of the metric label `query_type`. */
export const QUERY_TYPES = ['select', 'insert', 'update', 'delete', 'transaction', 'other'] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

/** Writes that are denied without the lease. */
export type LeasedWrite = 'checkpoint' | 'submit' | 'finish' | 'release';

/** Callbacks with which a service records metrics. None of them may throw. */
export interface DatabaseObserver {
  onQuery?(event: { readonly type: QueryType; readonly status: 'success' | 'error'; readonly seconds: number }): void;
  /** A committed transaction, with the total time of all attempts. */
  onTransaction?(event: { readonly seconds: number; readonly attempts: number }): void;
  onAcquire?(event: { readonly seconds: number; readonly timedOut: boolean }): void;
  /** Every failure, including those that a retry resolves. */
  onError?(event: { readonly type: DatabaseErrorType; readonly error: Error }): void;
  /** A write by a worker that has lost its lease was denied. */
  onLeaseLost?(event: { readonly operation: LeasedWrite; readonly executionId: string }): void;
}

export type Row = QueryResultRow;

/** A parameterised statement. With a name it is prepared on each connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

export interface Queryable {
  query<R extends Row>(statement: Statement, values?: readonly unknown[]): Promise<readonly R[]>;
  /** For statements whose rows are not read: the number of rows written. */
  execute(statement: Statement, values?: readonly unknown[]): Promise<number>;
}

/** By the first word. A statement that writes in a CTE names its kind in a leading comment, e.g. `-- insert`. */
export function queryTypeOf(text: string): QueryType {
  const word = /^(?:\s|--\s)*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (word === 'with') return 'select';
  if (word === 'begin' || word === 'commit' || word === 'rollback') return 'transaction';
  return QUERY_TYPES.find((type) => type === word) ?? 'other';
}
