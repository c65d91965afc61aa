import type { RuleState } from '@tripline/decisions';

import { jsonOf, type Rows, type StatementContext, textsOf } from './statements';

interface RuleJson {
  readonly pipeline_id: string;
  readonly ticker: string;
  readonly version: number;
  readonly state: RuleState;
  readonly due_at: string | null;
  readonly stale_at: string;
}

const keyOf = (pipelineId: string, ticker: string): string => `${pipelineId}/${ticker}`;

/** `rules-read`. */
export function readRules({ tables }: StatementContext, values: readonly unknown[]): Rows {
  const [ids = [], tickers = []] = values.map(textsOf);
  return ids.flatMap((id, index) => {
    const row = tables.rules.get(keyOf(id, tickers[index] ?? ''));
    if (row === undefined) return [];
    return [{ pipeline_id: row.pipelineId, ticker: row.ticker, version: row.version, state: row.state }];
  });
}

/** `rules-write`. */
export function writeRules({ tables, transaction }: StatementContext, [json]: readonly unknown[]): Rows {
  const rows = jsonOf<RuleJson[]>(json);
  transaction.write(() => {
    for (const { pipeline_id: pipelineId, ticker, version, state, due_at: due, stale_at: stale } of rows) {
      const dueAt = due === null ? null : Date.parse(due);
      const row = { pipelineId, ticker, version, state, dueAt, staleAt: Date.parse(stale) };
      tables.rules.set(keyOf(pipelineId, ticker), row);
    }
  });
  return [];
}

/** `rules-drop`. */
export function dropRules({ tables, transaction }: StatementContext, values: readonly unknown[]): Rows {
  const [ids = [], tickers = []] = values.map(textsOf);
  transaction.write(() => ids.forEach((id, index) => tables.rules.delete(keyOf(id, tickers[index] ?? ''))));
  return [];
}

/** `rules-due`. */
export function dueRules({ tables, now }: StatementContext, [limit]: readonly unknown[]): Rows {
  return [...tables.rules.values()]
    .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
    .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
    .slice(0, limit as number)
    .map(({ pipelineId, ticker }) => ({ pipeline_id: pipelineId, ticker }));
}

/** `rules-purge`. */
export function purgeRules({ tables, now }: StatementContext, [limit]: readonly unknown[]): Rows {
  const stale = [...tables.rules.values()].filter(({ dueAt, staleAt }) => dueAt === null && staleAt < now);
  return stale.slice(0, limit as number).map(({ pipelineId, ticker }) => {
    tables.rules.delete(keyOf(pipelineId, ticker));
    return {};
  });
}
