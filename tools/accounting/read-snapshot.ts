import type { OrderIntent } from '@tripline/trading';
import type { Database, Queryable } from '@tripline/database';

import {
  type AuditSnapshot,
  type BrokerEntry,
  type DeadRow,
  type ExecutionRow,
  type IntentRow,
  type DecisionLogRow,
  orderParams,
} from '@tripline/audit';

/** The database's part of the audit snapshot. */
export interface StoredSnapshot extends Pick<
  AuditSnapshot,
  'decisionLog' | 'executions' | 'intents' | 'broker' | 'dead' | 'notifications'
> {
  /** Realised profit and loss after fees, USD. */
  readonly pnl: string;
}

/**
 * The internal paper broker has no journal of its own: each row of `orders` is an order it accepted. One transaction reads
 * everything, because a periodic pipeline may start an execution between two reads and the parts would not agree.
 */
export async function readSnapshot(database: Database, topic: string): Promise<StoredSnapshot> {
  return database.withTransaction(async (snapshot) => {
    await snapshot.execute({ text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY' });
    return readAll(snapshot, topic);
  });
}

async function readAll(database: Queryable, topic: string): Promise<StoredSnapshot> {
  const [profit] = await database.query<{ pnl: string }>({
    text: `SELECT coalesce(round(sum(realised_pnl - fees), 2), 0)::text AS pnl FROM positions`,
  });
  return {
    decisionLog: await readLedger(database),
    executions: await readExecutions(database),
    intents: await readIntents(database),
    broker: await readOrders(database),
    dead: await readDead(database, topic),
    notifications: null,
    pnl: profit?.pnl ?? '0',
  };
}

async function readLedger(database: Queryable): Promise<DecisionLogRow[]> {
  const rows = await database.query<Omit<DecisionLogRow, 'offset'> & { readonly offset: string | null }>({
    text: `SELECT pipeline_id AS "pipelineId", pipeline_version AS "pipelineVersion", signal_id AS "signalId",
             trigger_mode AS "triggerMode", outcome, reason, execution_id AS "executionId", part AS partition,
             off::text AS "offset", (extract(epoch FROM decided_at) * 1000)::float8 AS "decidedAt" FROM signal_matches`,
  });
  return rows.map((row) => ({ ...row, offset: row.offset === null ? null : BigInt(row.offset) }));
}

/** An execution that waited in its pipeline's queue held no slot before it was started. */
async function readExecutions(database: Queryable): Promise<readonly ExecutionRow[]> {
  return database.query<ExecutionRow & Record<string, unknown>>({
    text: `SELECT id, pipeline_id AS "pipelineId", pipeline_version AS "pipelineVersion", signal_id AS "signalId", status,
             stop_reason AS "stopReason", overlap_key AS "overlapKey", slot,
             (extract(epoch FROM CASE WHEN queued_seq IS NULL THEN created_at ELSE started_at END) * 1000)::float8
               AS "activeFrom",
             (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAt" FROM executions`,
  });
}

/** The fields that an intent and its order must share. Decimals are compared by value: `numeric` keeps trailing zeros. */
const PARAMS = `jsonb_build_object('ticker', o.ticker, 'side', o.side, 'type', o.type,
    'quantity', trim_scale(o.quantity)::text, 'referencePrice', trim_scale(o."referencePrice")::text,
    'stopPrice', trim_scale(o."stopPrice")::text, 'targetPrice', trim_scale(o."targetPrice")::text)`;

async function readIntents(database: Queryable): Promise<IntentRow[]> {
  const rows = await database.query<Omit<IntentRow, 'params'> & { readonly params: OrderIntent }>({
    text: `SELECT i.client_order_id AS "clientOrderId", i.execution_id AS "executionId", i.state, ${PARAMS} AS params,
             (extract(epoch FROM i.created_at) * 1000)::float8 AS "createdAt"
           FROM order_intents i, jsonb_to_record(i.params) AS o (ticker text, side text, type text, quantity numeric,
             "referencePrice" numeric, "stopPrice" numeric, "targetPrice" numeric)`,
  });
  return rows.map((row) => ({ ...row, params: orderParams(row.params) }));
}

/** An order that flattens a position belongs to a halt and has no execution. */
async function readOrders(database: Queryable): Promise<BrokerEntry[]> {
  const rows = await database.query<Omit<BrokerEntry, 'params' | 'accepted'> & { readonly params: OrderIntent }>({
    text: `SELECT o."clientOrderId", o."executionId", ${PARAMS} AS params, o.at, o.quantity::text AS quantity,
             o."filledQuantity"::text AS "filledQuantity",
             coalesce((SELECT sum(f.quantity) FROM fills f WHERE f.client_order_id = o."clientOrderId"), 0)::text
               AS "filledByFills"
           FROM (SELECT client_order_id AS "clientOrderId",
             CASE WHEN client_order_id NOT LIKE 'flatten-%' THEN execution_id END AS "executionId", ticker, side,
             order_type AS type, quantity, reference_price AS "referencePrice", stop_price AS "stopPrice",
             target_price AS "targetPrice", filled_quantity AS "filledQuantity",
             (extract(epoch FROM created_at) * 1000)::float8 AS at FROM orders WHERE status <> 'rejected') AS o`,
  });
  return rows.map((row) => ({ ...row, params: orderParams(row.params), accepted: true }));
}

async function readDead(database: Queryable, topic: string): Promise<DeadRow[]> {
  const rows = await database.query<{ partition: number; offset: string }>(
    { text: `SELECT part AS partition, off::text AS "offset" FROM dead_signals WHERE topic = $1` },
    [topic],
  );
  return rows.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) }));
}
