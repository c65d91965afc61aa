import { type Halt, HALT_MODES, type HaltLevel, type HaltMode, haltReason } from '@tripline/risk';

import { ConcurrentChangeError, type Database, type Queryable, type Statement } from '@tripline/database';
import { type Condition, loadPage, type Page } from '@tripline/paging';
import type { EngagedHalt, HaltFilter, HaltRecord, NewHalt } from './halt-records';
import {
  CANCEL_EXECUTIONS,
  CANCEL_ORDERS,
  CLOSE_POSITIONS,
  INSERT_HALT,
  LIFT_HALT,
  LOCK_HALT,
  SELECT_HALTS,
} from './halt-sql';

/** The kill switch: latched halts with their audit trail. */
export interface HaltStore {
  /** Halts in force. */
  loadActive(): Promise<readonly Halt[]>;
  /**
   * Engages a halt and carries out its mode at once, in one transaction. A stricter halt replaces one in force on the
   * same subject; an equally or less strict one leaves it unchanged.
   */
  engage(halt: NewHalt): Promise<EngagedHalt>;
  /** Null when there is none, or it was already lifted. */
  lift(id: string, liftedBy: string, reason: string): Promise<HaltRecord | null>;
  find(id: string): Promise<HaltRecord | null>;
  list(filter?: HaltFilter): Promise<Page<HaltRecord>>;
}

interface HaltRow {
  readonly id: string;
  readonly level: HaltLevel;
  readonly subject: string;
  readonly mode: HaltMode;
  readonly reason: string;
  readonly engaged_by: string;
  readonly engaged_at: Date;
  readonly lifted_by: string | null;
  readonly lifted_at: Date | null;
  readonly lift_reason: string | null;
}

/** Halts in force. They are few, so all are read. For transactions that decide, start or send an order. */
export async function readActiveHalts(queryable: Queryable): Promise<readonly Halt[]> {
  return queryable.query<Halt>({
    name: 'halts-active',
    text: 'SELECT id, level, subject, mode, reason FROM halts WHERE lifted_at IS NULL',
  });
}

export function createHaltStore(database: Database): HaltStore {
  return {
    loadActive: async () => readActiveHalts(database),
    engage: async (halt) => database.withTransaction(async (transaction) => engageIn(transaction, halt)),
    lift: async (id, liftedBy, reason) => {
      const [row] = await database.query<HaltRow>(LIFT_HALT, [id, liftedBy, reason]);
      return row === undefined ? null : haltRecordOf(row);
    },
    find: async (id) => {
      const [row] = await database.query<HaltRow>({ text: `${SELECT_HALTS} WHERE h.id = $1` }, [id]);
      return row === undefined ? null : haltRecordOf(row);
    },
    list: async (filter = {}) =>
      loadPage(database, {
        request: filter,
        select: SELECT_HALTS,
        timeColumn: 'h.engaged_at',
        idColumn: 'h.id',
        idType: 'uuid',
        conditions: conditionsOf(filter),
        toItem: haltRecordOf,
      }),
  };
}

async function engageIn(transaction: Queryable, subscription: NewHalt): Promise<EngagedHalt> {
  const [current] = await transaction.query<HaltRow>(LOCK_HALT, [subscription.level, subscription.subject]);
  if (current !== undefined) {
    if (HALT_MODES.indexOf(subscription.mode) <= HALT_MODES.indexOf(current.mode))
      return nothingDone(haltRecordOf(current));
    await transaction.query(LIFT_HALT, [current.id, subscription.engagedBy, `made stricter: ${subscription.mode}`]);
  }
  const values = [
    subscription.level,
    subscription.subject,
    subscription.mode,
    subscription.reason,
    subscription.engagedBy,
  ];
  const [row] = await transaction.query<HaltRow>(INSERT_HALT, values);
  if (row === undefined) throw new ConcurrentChangeError('another halt was engaged concurrently');
  return act(transaction, haltRecordOf(row));
}

/** Executions before orders before positions: each statement sees what the executions ended before it have booked. */
async function act(transaction: Queryable, halt: HaltRecord): Promise<EngagedHalt> {
  if (halt.mode !== 'cancel' && halt.mode !== 'flatten') return nothingDone(halt);
  const count = async (statement: Statement, ...values: readonly string[]): Promise<number> => {
    const [row] = await transaction.query<{ count: number }>(statement, [halt.level, halt.subject, ...values]);
    return row?.count ?? 0;
  };
  const why = haltReason(halt);
  const cancelledExecutions = await count(CANCEL_EXECUTIONS, why);
  const cancelledOrders = await count(CANCEL_ORDERS, why);
  const closingOrders = halt.mode === 'flatten' ? await count(CLOSE_POSITIONS, halt.id, why) : 0;
  return { halt, cancelledExecutions, cancelledOrders, closingOrders };
}

function nothingDone(halt: HaltRecord): EngagedHalt {
  return { halt, cancelledExecutions: 0, cancelledOrders: 0, closingOrders: 0 };
}

function conditionsOf({ isActive, userId }: HaltFilter): readonly Condition[] {
  return [
    ...(isActive === undefined ? [] : [{ sql: `(h.lifted_at IS NULL) = ?`, values: [isActive] }]),
    ...(userId === undefined
      ? []
      : [
          {
            sql: `(h.level IN ('global', 'ticker', 'venue') OR h.subject = ? OR (h.level = 'pipeline' AND EXISTS
              (SELECT FROM pipelines p WHERE p.id::text = h.subject AND p.user_id = ?::uuid)))`,
            values: [userId, userId],
          },
        ]),
  ];
}

function haltRecordOf(row: HaltRow): HaltRecord {
  return {
    id: row.id,
    level: row.level,
    subject: row.subject,
    mode: row.mode,
    reason: row.reason,
    engagedBy: row.engaged_by,
    engagedAt: row.engaged_at.getTime(),
    liftedBy: row.lifted_by,
    liftedAt: row.lifted_at?.getTime() ?? null,
    liftReason: row.lift_reason,
  };
}
