import type { QueryResultRow } from 'pg';

import type { DatabaseErrorType } from './errors';

/** What a statement does; the closed value set of the metric label `query_type`. */
export const QUERY_TYPES = ['select', 'insert', 'update', 'delete', 'transaction', 'other'] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

/** Writes that are refused without the lease. */
export type LeasedWrite = 'checkpoint' | 'submit' | 'finish' | 'release';

/** Callbacks a service passes in to count; none of them may throw. */
export interface DatabaseObserver {
  onQuery?(event: { readonly type: QueryType; readonly status: 'success' | 'error'; readonly seconds: number }): void;
  /** A committed transaction, with the time of all its attempts. */
  onTransaction?(event: { readonly seconds: number; readonly attempts: number }): void;
  onAcquire?(event: { readonly seconds: number; readonly timedOut: boolean }): void;
  /** Every failure, those that a retry mends included. */
  onError?(event: { readonly type: DatabaseErrorType; readonly error: Error }): void;
  /** A write of a worker that has lost its lease was refused. */
  onLeaseLost?(event: { readonly operation: LeasedWrite; readonly executionId: string }): void;
}

export type Row = QueryResultRow;

/** A parameterised statement; a name makes it prepared on each connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

export interface Queryable {
  query<R extends Row>(statement: Statement, values?: readonly unknown[]): Promise<readonly R[]>;
  /** For statements whose rows nobody reads: how many rows were written. */
  execute(statement: Statement, values?: readonly unknown[]): Promise<number>;
}

/** By the first word; a statement that writes in a CTE names its kind with a leading comment, e.g. `-- insert`. */
export function queryTypeOf(text: string): QueryType {
  const word = /^(?:\s|--\s)*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (word === 'with') return 'select';
  if (word === 'begin' || word === 'commit' || word === 'rollback') return 'transaction';
  return QUERY_TYPES.find((type) => type === word) ?? 'other';
}
