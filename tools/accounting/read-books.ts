import type { DecisionOutcome, ExecutionStatus, TriggerMode } from '@tripline/domain';
import type { Database } from '@tripline/persistence';

export interface LedgerRow {
  readonly pipelineId: string;
  readonly signalId: string;
  readonly triggerMode: TriggerMode;
  readonly outcome: DecisionOutcome;
  readonly executionId: string | null;
}
export interface ExecutionRow {
  readonly id: string;
  readonly pipelineId: string;
  readonly signalId: string;
  readonly status: ExecutionStatus;
  readonly createdAt: number;
  readonly finishedAt: number | null;
}
export interface OrderRow {
  readonly clientOrderId: string;
  readonly executionId: string;
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly filledByFills: string;
}

/** Everything the database says happened. */
export interface Books {
  readonly ledger: readonly LedgerRow[];
  readonly executions: readonly ExecutionRow[];
  readonly orders: readonly OrderRow[];
  /** `partition/offset` of every dead signal of the topic. */
  readonly deadOffsets: ReadonlySet<string>;
  /** Realised profit and loss less fees, USD. */
  readonly pnl: string;
}

export async function readBooks(database: Database, topic: string): Promise<Books> {
  const ledger = await database.query<LedgerRow>({
    text: `SELECT pipeline_id AS "pipelineId", signal_id AS "signalId", trigger_mode AS "triggerMode", outcome,
             execution_id AS "executionId" FROM signal_matches`,
  });
  const executions = await database.query<ExecutionRow>({
    text: `SELECT id, pipeline_id AS "pipelineId", signal_id AS "signalId", status,
             (extract(epoch FROM created_at) * 1000)::float8 AS "createdAt",
             (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAt" FROM executions`,
  });
  const orders = await database.query<OrderRow>({
    text: `SELECT o.client_order_id AS "clientOrderId", o.execution_id AS "executionId", o.quantity::text AS quantity,
             o.filled_quantity::text AS "filledQuantity",
             coalesce((SELECT sum(f.quantity) FROM fills f WHERE f.client_order_id = o.client_order_id), 0)::text
               AS "filledByFills"
           FROM orders o`,
  });
  const dead = await database.query<{ at: string }>(
    { text: `SELECT part || '/' || off AS at FROM dead_signals WHERE topic = $1` },
    [topic],
  );
  const [profit] = await database.query<{ pnl: string }>({
    text: `SELECT coalesce(round(sum(realised_pnl - fees), 2), 0)::text AS pnl FROM positions`,
  });
  return { ledger, executions, orders, deadOffsets: new Set(dead.map(({ at }) => at)), pnl: profit?.pnl ?? '0' };
}
