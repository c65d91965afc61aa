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

/** Everything the database says happened: its part of the books. */
export interface StoredSnapshot extends Pick<
  AuditSnapshot,
  'decisionLog' | 'executions' | 'intents' | 'broker' | 'dead' | 'notifications'
> {
  /** Realised profit and loss less fees, USD. */
  readonly pnl: string;
}

/**
 * The orders of the internal paper broker stand for its journal: each row is an order it made. All of one moment: a periodic
 * pipeline may start a run at any time, and the ledger of before it and the runs of after it do not agree.
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

/** A run that waited in the queue of its pipeline held no place before it was started. */
async function readExecutions(database: Queryable): Promise<readonly ExecutionRow[]> {
  return database.query<ExecutionRow & Record<string, unknown>>({
    text: `SELECT id, pipeline_id AS "pipelineId", pipeline_version AS "pipelineVersion", signal_id AS "signalId", status,
             stop_reason AS "stopReason", overlap_key AS "overlapKey", slot,
             (extract(epoch FROM CASE WHEN queued_seq IS NULL THEN created_at ELSE started_at END) * 1000)::float8
               AS "activeFrom",
             (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAt" FROM executions`,
  });
}

/** What an intent and an order must agree in; decimals by value, for `numeric` keeps trailing zeros. */
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

/** An order that flattens a position belongs to no run: a halt stands in its place. */
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
