import { INTENT_LIFECYCLE, type Order, type OrderIntent, Quantity } from '@tripline/trading';
import type { ExecutionDenial } from '@tripline/triggers';
import type { FinalStatus, StepRecord } from '@tripline/execution-store';

import { orderParams } from '@tripline/audit';
import { accountColumns, dueRow, haltedBy, mayTradeAt } from './claim-statement';
import { jsonOf, numbersOf, type Rows, type StatementContext, textsOf, UniqueViolationError } from './statements';
import { abandonIntents, endRun, type PipelineRow, promoteNext, requestJob, type RunRow, type Tables } from './tables';

/** A row of the JSON passed to `executions-end`; see `endingRow`. */
interface EndingJson {
  readonly ord: number;
  readonly id: string;
  readonly token: number;
  readonly status: FinalStatus;
  readonly stop_reason?: string | null;
  readonly steps: readonly StepRecord[];
  readonly known_intent: boolean;
  readonly checked?: boolean;
  readonly venue?: string;
  readonly fresh_until?: string | null;
  readonly intent?: OrderIntent;
  readonly version?: number;
  readonly o_status?: Order['status'];
  readonly f_sequence?: number;
  readonly p_quantity?: string;
  readonly p_price?: string;
  readonly p_pnl?: string;
  readonly p_fees?: string;
  readonly cash?: string;
}

/** The fence: returns the execution only while this token holds it. Counts writes of workers that have lost their lease. */
function heldRun({ tables, isFenced }: StatementContext, id: string, token: number): RunRow | null {
  const run = tables.executions.get(id);
  if (run === undefined) return null;
  if (run.status === 'running' && run.leaseToken === token) return run;
  // An ending repeated because its answer was lost is no zombie write.
  if (run.endedByToken === token) return null;
  tables.zombies.attempted += 1;
  if (!isFenced) return run;
  tables.zombies.rejected += 1;
  return null;
}

/** The executions that `executions-end` writes. */
export const endedIds = (json: unknown): string[] => jsonOf<EndingJson[]>(json).map(({ id }) => id);

/** `executions-end`. */
export function endRuns(context: StatementContext, values: readonly unknown[]): Rows {
  const promoted: RunRow[] = [];
  const ended = jsonOf<EndingJson[]>(values[0]).flatMap((ending) => {
    const row = endOne(context, ending, promoted);
    return row === null ? [] : [row];
  });
  const promotedRows = promoted.length === 0 ? null : promoted.map(dueRow);
  return ended.map((row) => ({ ...row, promoted: promotedRows }));
}

function endOne(
  context: StatementContext,
  ending: EndingJson,
  promoted: RunRow[],
): { ord: number; denial: ExecutionDenial | null } | null {
  const { tables, now } = context;
  const run = heldRun(context, ending.id, ending.token);
  if (run === null) return null;
  const row = tables.pipelines.get(run.pipelineId) as PipelineRow;
  if (ending.version !== undefined && ending.version !== row.account.version) return null;
  const denial = ending.checked === true ? refusalOf(context, ending, run, row) : null;
  const isSent = ending.intent !== undefined && denial === null;
  // A violation of the unique key of orders fails the whole statement.
  if (isSent && tables.orders.has(ending.intent.clientOrderId)) throw new UniqueViolationError('orders_pkey');

  addSteps(tables, run.id, ending.steps);
  endRun(tables, run, now, {
    status: denial === null ? ending.status : 'skipped',
    stopReason: denial ?? ending.stop_reason ?? null,
    byToken: ending.token,
  });
  if (ending.known_intent && !isSent) abandonIntents(tables, run.id);
  if (isSent) book(tables, now, ending, ending.intent, row);
  promoted.push(...promoteNext(context, run));
  return { ord: ending.ord, denial };
}

function refusalOf({ tables, now }: StatementContext, ending: EndingJson, run: RunRow, row: PipelineRow) {
  if (ending.fresh_until && Date.parse(ending.fresh_until) < now) return 'signal_too_old' as const;
  return haltOfOrder(tables, run, row, ending.intent, ending.venue ?? 'paper');
}

/** Under `reduce_only`, only an order that reduces a position passes. */
function haltOfOrder(
  tables: Tables,
  run: RunRow,
  { positions }: PipelineRow,
  intent: OrderIntent | undefined,
  venue: string,
): ExecutionDenial | null {
  const held = Quantity.of(positions.get(intent?.ticker ?? '')?.quantity ?? '0');
  const open = intent?.side === 'SELL' ? held : held.negated();
  const reduces = intent !== undefined && positions.has(intent.ticker) && !open.lt(Quantity.of(intent.quantity));
  const subject = { userId: run.userId, pipelineId: run.pipelineId, ticker: intent?.ticker ?? null, venue };
  return haltedBy(tables.halts, subject, ({ mode }) => mode !== 'reduce_only' || !reduces);
}

function book(tables: Tables, now: number, ending: EndingJson, intent: OrderIntent, row: PipelineRow): void {
  const known = tables.intents.get(intent.clientOrderId);
  const state = ending.o_status === 'rejected' ? 'rejected' : 'acked';
  if (known === undefined) tables.intents.set(intent.clientOrderId, { intent, state, createdAt: now, updatedAt: now });
  else Object.assign(known, { state, updatedAt: now });
  tables.orders.add(intent.clientOrderId);
  // An order at another broker is recorded in that broker's own journal.
  if (ending.checked === true) {
    const { clientOrderId, executionId } = intent;
    tables.broker.push({ clientOrderId, executionId, params: orderParams(intent), accepted: true, at: now });
  }
  if (ending.f_sequence === undefined) return;
  row.positions.set(intent.ticker, {
    ticker: intent.ticker,
    quantity: ending.p_quantity ?? '0',
    averagePrice: ending.p_price ?? '0',
    realisedPnl: ending.p_pnl ?? '0',
    fees: ending.p_fees ?? '0',
  });
  row.account = { ...row.account, cash: ending.cash ?? row.account.cash, version: row.account.version + 1 };
}

function addSteps(tables: Tables, executionId: string, added: readonly StepRecord[]): void {
  const known = tables.steps.get(executionId) ?? [];
  const numbers = new Set(known.map(({ stepNo }) => stepNo));
  tables.steps.set(executionId, [...known, ...added.filter(({ stepNo }) => !numbers.has(stepNo))]);
}

/** `executions-explain`. */
export function explainRuns({ tables }: StatementContext, values: readonly unknown[]): Rows {
  return textsOf(values[0]).flatMap((id) => {
    const run = tables.executions.get(id);
    const row = tables.pipelines.get(run?.pipelineId ?? '');
    if (run === undefined || row === undefined) return [];
    const { status, stopReason, leaseToken } = run;
    return [{ id, status, stop_reason: stopReason, lease_token: leaseToken, ...accountColumns(row) }];
  });
}

/** `executions-renew`. */
export function renewRuns(context: StatementContext, values: readonly unknown[]): Rows {
  const [ids, tokens, leaseMs] = values;
  return textsOf(ids).flatMap((id, index) => {
    const run = heldRun(context, id, numbersOf(tokens)[index] ?? -1);
    if (run === null) return [];
    run.leaseUntil = context.now + (leaseMs as number);
    return [{ id }];
  });
}

/** `execution-checkpoint`. */
export function checkpointRun(context: StatementContext, values: readonly unknown[]): Rows {
  const { tables, now } = context;
  const [id, token, steps, intentJson, venue, freshUntil] = values;
  const run = heldRun(context, id as string, token as number);
  if (run === null) return [];
  const row = tables.pipelines.get(run.pipelineId) as PipelineRow;
  const intent = jsonOf<OrderIntent>(intentJson);
  const isLate = freshUntil !== null && (freshUntil as Date).getTime() < now;
  const denial = isLate
    ? 'signal_too_old'
    : mayTradeAt(tables, venue as string, run.userId)
      ? haltOfOrder(tables, run, row, intent, venue as string)
      : 'venue_not_permitted';
  addSteps(tables, run.id, jsonOf<StepRecord[]>(steps));
  if (denial !== null) return [{ id, denial, params: null, state: null }];
  const known = tables.intents.get(intent.clientOrderId);
  if (known !== undefined) known.state = INTENT_LIFECYCLE.after(known.state, 'submit') ?? known.state;
  if (known !== undefined) known.updatedAt = now;
  const held = known ?? { intent, state: 'submitted' as const, createdAt: now, updatedAt: now };
  tables.intents.set(intent.clientOrderId, held);
  return [{ id, denial: null, params: held.intent, state: held.state, submitted_ms: now }];
}

/** `execution-release`. */
export function releaseRun(context: StatementContext, values: readonly unknown[]): Rows {
  const { tables, now } = context;
  const run = heldRun(context, values[0] as string, values[1] as number);
  if (run === null) return [];
  const isUsedUp = run.attempt >= run.maxAttempts;
  requestJob(run, now);
  run.status = 'pending';
  if (isUsedUp) {
    endRun(tables, run, now, { status: 'failed', stopReason: null, byToken: run.leaseToken });
    abandonIntents(tables, run.id);
  }
  return [{ status: run.status, dispatch_gen: run.dispatchGen }];
}
