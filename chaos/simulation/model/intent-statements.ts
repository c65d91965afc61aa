import type { OrderIntent } from '@tripline/trading';

import type { Rows, StatementContext } from './statements';
import { isActive, type Tables } from './tables';

function venueOf(tables: Tables, executionId: string): string {
  const run = tables.executions.get(executionId);
  return tables.pipelines.get(run?.pipelineId ?? '')?.pipeline.venue ?? 'paper';
}

/** `intents-open`: sent, or nearly, by runs that have ended without an order. */
export function openIntents({ tables, now }: StatementContext, values: readonly unknown[]): Rows {
  const [ageMs, limit] = values as readonly [number, number];
  return [...tables.intents.values()]
    .filter(({ state, updatedAt }) => state === 'submitted' && updatedAt < now - ageMs)
    .filter(({ intent }) => {
      const run = tables.executions.get(intent.executionId);
      return run !== undefined && !isActive(run);
    })
    .sort((a, b) => a.updatedAt - b.updatedAt)
    .slice(0, limit)
    .map(({ intent }) => ({ params: intent, venue: venueOf(tables, intent.executionId) }));
}

/** `intents-adopt`. */
export function adoptIntent({ tables, now }: StatementContext, values: readonly unknown[]): Rows {
  const [clientOrderId, rejection] = values as readonly [string, string | null];
  const row = tables.intents.get(clientOrderId);
  if (row?.state !== 'submitted') return [];
  Object.assign(row, { state: rejection === null ? 'acked' : 'rejected', updatedAt: now });
  if (tables.orders.has(clientOrderId)) return [];
  tables.orders.add(clientOrderId);
  return [{}];
}

/** `intents-abandon`. */
export function abandonIntent({ tables, now }: StatementContext, [clientOrderId]: readonly unknown[]): Rows {
  const row = tables.intents.get(clientOrderId as string);
  if (row?.state === 'submitted') Object.assign(row, { state: 'abandoned', updatedAt: now });
  return [];
}

/** `intents-acquire`. */
export function acquireIntent({ tables, now }: StatementContext, values: readonly unknown[]): Rows {
  const [clientOrderId, , , json] = values as readonly [string, string, string, string];
  const row = tables.intents.get(clientOrderId);
  if (row === undefined) {
    const intent = JSON.parse(json) as OrderIntent;
    tables.intents.set(clientOrderId, { intent, state: 'submitted', createdAt: now, updatedAt: now });
    return [{ submitted_ms: now }];
  }
  if (row.updatedAt >= now - 15_000) return [];
  row.updatedAt = now;
  return [{ submitted_ms: now }];
}
