import { INTENT_LIFECYCLE, type OrderIntent } from '@tripline/trading';

import { type Database, sqlList, type Statement } from '@tripline/database';

/** An intent whose order the broker may have although its execution has ended, so no attempt will check it any more. */
export interface OpenIntent {
  readonly intent: OrderIntent;
  readonly venue: string;
}

export interface IntentStore {
  /**
   * Intents sent, or about to be sent, at least this long ago, whose execution has ended without an order; oldest
   * first.
   */
  loadOpen(olderThanMs: number, limit: number): Promise<readonly OpenIntent[]>;
  /**
   * The broker has the order: records it as resting, or as rejected with the reason. False when it was already
   * recorded.
   */
  adopt(clientOrderId: string, rejection: string | null): Promise<boolean>;
  /**
   * For a recorded order that its broker does not know: returns the time (epoch ms by PostgreSQL's clock) to one
   * caller, who then sends it, and null to the others. After 15 s without a result the next caller may send it, because
   * no submission is valid for that long.
   */
  acquireSubmission(order: OrderIntent & { readonly pipelineId: string }): Promise<number | null>;
  /** The broker has no such order. */
  abandon(clientOrderId: string): Promise<void>;
}

/** Intents that were sent and that the broker may not have: it is asked for them. */
const ASKED = sqlList(INTENT_LIFECYCLE.allowing('abandon'));

/** $1 age in ms, $2 rows. */
const LOAD_OPEN: Statement = {
  name: 'intents-open',
  text: `SELECT i.params, coalesce(v.definition ->> 'venue', 'paper') AS venue
FROM order_intents i
JOIN executions e ON e.id = i.execution_id AND e.status NOT IN ('pending', 'running')
JOIN pipeline_versions v ON v.pipeline_id = e.pipeline_id AND v.version = e.pipeline_version
WHERE i.state IN (${ASKED}) AND i.updated_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
ORDER BY i.updated_at LIMIT $2`,
};

/** $1 order, $2 reason of the rejection or null. */
const ADOPT: Statement = {
  name: 'intents-adopt',
  text: `-- insert
WITH i AS (
  UPDATE order_intents SET state = CASE WHEN $2::text IS NULL THEN 'acked' ELSE 'rejected' END, updated_at = now()
  WHERE client_order_id = $1 AND state IN (${ASKED}) RETURNING params, execution_id
)
INSERT INTO orders (client_order_id, execution_id, pipeline_id, user_id, ticker, side, order_type, quantity,
  reference_price, stop_price, target_price, status, reason, occurred_at, traceparent, venue)
SELECT $1, e.id, e.pipeline_id, e.user_id, i.params ->> 'ticker', i.params ->> 'side', i.params ->> 'type',
  (i.params ->> 'quantity')::numeric, (i.params ->> 'referencePrice')::numeric, (i.params ->> 'stopPrice')::numeric,
  (i.params ->> 'targetPrice')::numeric, CASE WHEN $2::text IS NULL THEN 'accepted' ELSE 'rejected' END, $2::text,
  to_timestamp((i.params ->> 'occurredAt')::float8 / 1000), e.traceparent, coalesce(v.definition ->> 'venue', 'paper')
FROM i JOIN executions e ON e.id = i.execution_id
JOIN pipeline_versions v ON v.pipeline_id = e.pipeline_id AND v.version = e.pipeline_version
ON CONFLICT (client_order_id) DO NOTHING RETURNING 1`,
};

/** $1 order, $2 execution, $3 pipeline, $4 the order as JSON. */
const ACQUIRE: Statement = {
  name: 'intents-acquire',
  text: `-- insert
INSERT INTO order_intents AS i (client_order_id, execution_id, pipeline_id, params, state)
VALUES ($1, $2, $3, $4::jsonb, 'submitted')
ON CONFLICT (client_order_id) DO UPDATE SET updated_at = clock_timestamp()
  WHERE i.updated_at < clock_timestamp() - interval '15 seconds'
RETURNING date_part('epoch', updated_at) * 1000 AS submitted_ms`,
};

/** $1 order. */
const ABANDON: Statement = {
  name: 'intents-abandon',
  text: `UPDATE order_intents SET state = 'abandoned', updated_at = now()
WHERE client_order_id = $1 AND state IN (${ASKED})`,
};

export function createIntentStore(database: Database): IntentStore {
  return {
    loadOpen: async (olderThanMs, limit) => {
      const rows = await database.query<{ params: OrderIntent; venue: string }>(LOAD_OPEN, [olderThanMs, limit]);
      return rows.map(({ params, venue }) => ({ intent: params, venue }));
    },
    adopt: async (clientOrderId, rejection) =>
      database.retry(async () => (await database.query(ADOPT, [clientOrderId, rejection])).length > 0),
    // Not retried: if the answer is lost, the next caller only waits longer.
    acquireSubmission: async ({ clientOrderId, executionId, pipelineId, ...order }) => {
      const params = JSON.stringify({ clientOrderId, executionId, ...order });
      const values = [clientOrderId, executionId, pipelineId, params];
      const [row] = await database.query<{ submitted_ms: number }>(ACQUIRE, values);
      return row?.submitted_ms ?? null;
    },
    abandon: async (clientOrderId) => {
      await database.retry(async () => database.query(ABANDON, [clientOrderId]));
    },
  };
}
