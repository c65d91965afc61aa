import { INTENT_LIFECYCLE, type IntentState, type OrderIntent } from '@tripline/trading';

import type { Rows, StatementContext } from './statements';
import { isActive, type Tables } from './tables';

/** As in the SQL: sent, but the broker may not have it. */
const isAsked = (state: IntentState): boolean => INTENT_LIFECYCLE.allowing('abandon').includes(state);

function venueOf(tables: Tables, executionId: string): string {
  const run = tables.executions.get(executionId);
  return tables.pipelines.get(run?.pipelineId ?? '')?.pipeline.venue ?? 'paper';
}

/** `intents-open`: intents sent, or about to be sent, by executions that have ended without an order. */
export function openIntents({ tables, now }: StatementContext, values: readonly unknown[]): Rows {
  const [ageMs, limit] = values as readonly [number, number];
  return [...tables.intents.values()]
    .filter(({ state, updatedAt }) => isAsked(state) && updatedAt < now - ageMs)
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
  if (row === undefined || !isAsked(row.state)) return [];
  const state = INTENT_LIFECYCLE.after(row.state, rejection === null ? 'acknowledge' : 'reject');
  Object.assign(row, { state, updatedAt: now });
  if (tables.orders.has(clientOrderId)) return [];
  tables.orders.add(clientOrderId);
  return [{}];
}

/** `intents-abandon`. */
export function abandonIntent({ tables, now }: StatementContext, [clientOrderId]: readonly unknown[]): Rows {
  const row = tables.intents.get(clientOrderId as string);
  const state = row === undefined ? null : INTENT_LIFECYCLE.after(row.state, 'abandon');
  if (row !== undefined && state !== null) Object.assign(row, { state, updatedAt: now });
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
