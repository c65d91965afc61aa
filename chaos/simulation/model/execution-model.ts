import { applyFill, applyFillToCash, type Fill, flatPosition, type Pipeline, type Position } from '@tripline/domain';
import {
  type Checkpoint,
  type ClaimedExecution,
  type ClaimOptions,
  type Ending,
  type IntentRecord,
  type Lease,
  LeaseLostError,
  type PaperSubmission,
  type StepRecord,
  type SubmissionResult,
} from '@tripline/persistence';

import type { BrokerEntry, ZombieWrites } from '../../checker/books';
import { orderParams } from '../../checker/order-params';
import { endRun, type PipelineRow, type RunRow, type Tables } from './tables';

const DEFAULT_DEADLINE_MS = 600_000;

/** What `ExecutionStore` does to the tables, each call at one instant. */
export class ExecutionModel {
  /** The broker's journal, which drops nothing. */
  readonly broker: BrokerEntry[] = [];
  /** Writes of workers that had lost their lease. */
  readonly zombies: { -readonly [K in keyof ZombieWrites]: ZombieWrites[K] } = { attempted: 0, rejected: 0 };
  readonly #tables: Tables;
  readonly #now: () => number;

  constructor(tables: Tables, now: () => number) {
    this.#tables = tables;
    this.#now = now;
  }

  claim(executionId: string, generation: number, options: ClaimOptions): ClaimedExecution | null {
    const run = this.#tables.executions.get(executionId);
    const now = this.#now();
    if (run === undefined || run.dispatchGen !== generation || run.attempt >= run.maxAttempts || run.slot === null) {
      return null;
    }
    const isExpired = run.status === 'running' && (run.leaseUntil ?? 0) < now;
    if (run.status !== 'pending' && !isExpired) return null;
    run.status = 'running';
    run.attempt += 1;
    run.leaseToken += 1;
    run.leaseUntil = now + options.leaseMs;
    run.startedAt ??= now;
    run.deadlineAt ??= now + (options.deadlineMs ?? DEFAULT_DEADLINE_MS);
    return this.#claimed(run);
  }

  renew(lease: Lease, leaseMs: number): number {
    const run = this.#held(lease);
    run.leaseUntil = this.#now() + leaseMs;
    return run.leaseUntil;
  }

  checkpoint({ steps, intent, ...lease }: Checkpoint): IntentRecord | null {
    const run = this.#held(lease);
    this.#addSteps(run.id, steps);
    if (intent === undefined || intent === null) return null;
    const known = this.#tables.intents.get(intent.clientOrderId);
    if (known !== undefined) return known;
    const row = { intent, state: 'intent' as const, createdAt: this.#now() };
    this.#tables.intents.set(intent.clientOrderId, row);
    return row;
  }

  /** `attempt`: of the client; a write whose answer was lost is found to be its own. */
  submit(submission: PaperSubmission, attempt: number): SubmissionResult {
    if (attempt > 1 && this.#isEndedByUs(submission)) return { fresh: true, position: null, realisedPnl: null };
    const run = this.#held(submission);
    const { order, fill } = submission;
    const fresh = !this.#tables.orders.has(order.clientOrderId);
    this.broker.push({
      clientOrderId: order.clientOrderId,
      executionId: run.id,
      params: orderParams(order),
      accepted: fresh,
      at: this.#now(),
    });
    const booked = fresh ? this.#book(run, fill) : null;
    if (fresh) this.#tables.orders.set(order.clientOrderId, { order, fill, createdAt: this.#now() });
    const intent = this.#tables.intents.get(order.clientOrderId);
    if (intent !== undefined) intent.state = order.status === 'rejected' ? 'rejected' : 'acked';
    endRun(this.#tables, run, this.#now(), submission);
    return { fresh, position: booked?.position ?? null, realisedPnl: booked?.realisedPnl ?? null };
  }

  finish(ending: Ending & { readonly steps?: readonly StepRecord[] }, attempt: number): void {
    if (attempt > 1 && this.#isEndedByUs(ending)) return;
    const run = this.#held(ending);
    this.#addSteps(run.id, ending.steps ?? []);
    endRun(this.#tables, run, this.#now(), ending);
  }

  release(lease: Lease): { status: 'pending' | 'failed'; generation: number } {
    const run = this.#held(lease);
    run.dispatchGen += 1;
    run.requestedAt = this.#now();
    run.enqueuedAt = null;
    run.leaseUntil = null;
    if (run.attempt >= run.maxAttempts) endRun(this.#tables, run, this.#now(), { status: 'failed' });
    else run.status = 'pending';
    return { status: run.status === 'failed' ? 'failed' : 'pending', generation: run.dispatchGen };
  }

  /** The fence: the row as long as the lease is held. A variant without it is one of the planted bugs. */
  protected held(run: RunRow | undefined, lease: Lease): RunRow | null {
    return run?.status === 'running' && run.leaseToken === lease.leaseToken ? run : null;
  }

  #held(lease: Lease): RunRow {
    const run = this.#tables.executions.get(lease.executionId);
    const isOwner = run?.status === 'running' && run.leaseToken === lease.leaseToken;
    if (!isOwner) this.zombies.attempted += 1;
    const held = this.held(run, lease);
    if (held !== null) return held;
    this.zombies.rejected += 1;
    throw new LeaseLostError(lease.executionId);
  }

  #isEndedByUs({ executionId, leaseToken, status }: Ending): boolean {
    const run = this.#tables.executions.get(executionId);
    return run?.status === status && run.leaseToken === leaseToken;
  }

  #addSteps(executionId: string, added: readonly StepRecord[]): void {
    const known = this.#tables.steps.get(executionId) ?? [];
    const numbers = new Set(known.map(({ stepNo }) => stepNo));
    this.#tables.steps.set(executionId, [...known, ...added.filter(({ stepNo }) => !numbers.has(stepNo))]);
  }

  #book(run: RunRow, fill: Fill | null): { position: Position; realisedPnl: string } | null {
    const row = this.#tables.pipelines.get(run.entry.pipelineId);
    if (fill === null || row === undefined) return null;
    const { position, realisedPnl } = applyFill(row.positions.get(fill.ticker) ?? flatPosition(fill.ticker), fill);
    row.positions.set(fill.ticker, position);
    row.account = {
      ...row.account,
      cash: applyFillToCash(row.account.cash, fill),
      version: row.account.version + 1,
    };
    return { position, realisedPnl };
  }

  #claimed(run: RunRow): ClaimedExecution {
    const { entry } = run;
    const row = this.#tables.pipelines.get(entry.pipelineId) as PipelineRow;
    const signal = this.#tables.signals.get(entry.signalId);
    const intent = [...this.#tables.intents.values()].find((row) => row.intent.executionId === run.id);
    return {
      executionId: run.id,
      leaseToken: run.leaseToken,
      pipelineId: entry.pipelineId,
      userId: entry.userId,
      triggerMode: entry.triggerMode,
      ticker: entry.ticker,
      direction: entry.direction,
      occurredAt: entry.occurredAt,
      appendedAt: signal?.appendedAt ?? null,
      attempt: run.attempt,
      maxAttempts: run.maxAttempts,
      generation: run.dispatchGen,
      createdAt: run.createdAt,
      leaseUntil: run.leaseUntil ?? 0,
      deadlineAt: run.deadlineAt ?? 0,
      traceparent: null,
      pipeline: versionOf(row, entry.pipelineVersion),
      signal: signal?.signal ?? null,
      steps: this.#tables.steps.get(run.id) ?? [],
      intent: intent === undefined ? null : { intent: intent.intent, state: intent.state },
      account: row.account,
      positions: [...row.positions.values()],
    };
  }
}

function versionOf({ versions, pipeline }: PipelineRow, version: number): Pipeline {
  return versions.find((known) => known.pipeline.version === version)?.pipeline ?? pipeline;
}
