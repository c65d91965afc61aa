import type { Database } from '@tripline/database';

/** The counts on the live line, read from the database. */
export interface Figures {
  /** Records of the topic that the dispatcher has processed. */
  readonly consumed: number;
  readonly decisions: number;
  readonly triggered: number;
  readonly executions: number;
  readonly unfinished: number;
  readonly orders: number;
  readonly pnl: string;
}

export async function readFigures(database: Database): Promise<Figures> {
  const [row] = await database.query<{ [K in keyof Figures]: string }>({
    text: `SELECT (SELECT coalesce(sum(records), 0) FROM consumer_progress)::text AS consumed,
      (SELECT count(*) FROM signal_matches)::text AS decisions,
      (SELECT count(*) FROM signal_matches WHERE outcome = 'TRIGGERED')::text AS triggered,
      (SELECT count(*) FROM executions)::text AS executions,
      (SELECT count(*) FROM executions WHERE status IN ('pending', 'running'))::text AS unfinished,
      (SELECT count(*) FROM orders)::text AS orders,
      (SELECT coalesce(round(sum(realised_pnl - fees), 2), 0) FROM positions)::text AS pnl`,
  });
  if (row === undefined) throw new Error('the database returned no counts');
  return {
    consumed: Number(row.consumed),
    decisions: Number(row.decisions),
    triggered: Number(row.triggered),
    executions: Number(row.executions),
    unfinished: Number(row.unfinished),
    orders: Number(row.orders),
    pnl: row.pnl,
  };
}

/** One line; it mentions restarts only if there were any. */
export function figuresLine(figures: Figures, restarts: Readonly<Record<string, number>> = {}): string {
  const { consumed, decisions, triggered, executions, unfinished, orders, pnl } = figures;
  return (
    `signals ${consumed} | decisions ${decisions} (triggered ${triggered}) | ` +
    `executions ${executions} (${unfinished} unfinished) | orders ${orders} | realised P&L ${pnl} USD` +
    restartsPart(restarts)
  );
}

function restartsPart(restarts: Readonly<Record<string, number>>): string {
  const counts = Object.entries(restarts).map(([name, count]) => `${name} ${count}`);
  return counts.length === 0 ? '' : ` | restarts ${counts.join(', ')}`;
}
