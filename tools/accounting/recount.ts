import { type Pipeline, pipelineMatches } from '@tripline/domain';

import type { Books, ExecutionRow } from './read-books';
import type { TopicContents } from './read-topic';

/** The result of comparing, id by id, what the topic holds with what the database says became of it. */
export interface Recount {
  readonly signals: number;
  readonly signalsByType: Readonly<Record<string, number>>;
  readonly decisions: number;
  readonly decisionsByOutcome: Readonly<Record<string, number>>;
  readonly executions: number;
  readonly executionsByStatus: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly pnl: string;
  /** Signals without their decision, records without their place among the dead, triggers without their execution. */
  readonly lost: number;
  /** Executions or orders that exist twice for one cause, and overlapping runs of one pipeline. */
  readonly doubled: number;
  /** One line per fault, for people; at most `MAX_FINDINGS`. */
  readonly findings: readonly string[];
}

const MAX_FINDINGS = 20;

/**
 * Recounts by id, with the naive matching rule instead of the index, so that index and recount can only agree by being
 * right. `expectedSignalIds` are those the topic must hold. Pipelines must not have changed since the signals were decided.
 */
export function recount(
  topic: TopicContents,
  books: Books,
  pipelines: readonly Pipeline[],
  expectedSignalIds: Iterable<string> = [],
): Recount {
  const lost = [
    ...findUnpublished(topic, expectedSignalIds),
    ...findUndecided(topic, books, pipelines),
    ...findUnrecordedDead(topic, books),
    ...findUnstarted(books),
  ];
  const doubled = [...findUnfounded(topic, books, pipelines), ...findDoubledRuns(books), ...findDoubledOrders(books)];
  return {
    signals: topic.signals.size,
    signalsByType: countBy([...topic.signals.values()], (signal) => signal.signalType),
    decisions: books.ledger.length,
    decisionsByOutcome: countBy(books.ledger, (row) => row.outcome),
    executions: books.executions.length,
    executionsByStatus: countBy(books.executions, (row) => row.status),
    orders: books.orders.length,
    pnl: books.pnl,
    lost: lost.length,
    doubled: doubled.length,
    findings: [...lost, ...doubled].slice(0, MAX_FINDINGS),
  };
}

const pairOf = (pipelineId: string, signalId: string): string => `${pipelineId}/${signalId}`;

/** Signals that should have been published and are not in the topic. */
function findUnpublished(topic: TopicContents, expected: Iterable<string>): string[] {
  return [...expected].filter((id) => !topic.signals.has(id)).map((id) => `lost: signal ${id} was never published`);
}

/** Valid signals of the topic and matching pipelines without a line in the ledger. */
function findUndecided(topic: TopicContents, books: Books, pipelines: readonly Pipeline[]): string[] {
  const decided = new Set(books.ledger.map((row) => pairOf(row.pipelineId, row.signalId)));
  const found: string[] = [];
  for (const signal of topic.signals.values()) {
    for (const pipeline of pipelines) {
      if (pipelineMatches(pipeline, signal) === null || decided.has(pairOf(pipeline.id, signal.signalId))) continue;
      found.push(`lost: signal ${signal.signalId} matches pipeline ${pipeline.id} but has no decision`);
    }
  }
  return found;
}

function findUnrecordedDead(topic: TopicContents, books: Books): string[] {
  return [...topic.deadOffsets]
    .filter((offset) => !books.deadOffsets.has(offset))
    .map((offset) => `lost: record ${offset} is no signal and is not among the dead signals`);
}

function findUnstarted(books: Books): string[] {
  const executions = new Set(books.executions.map(({ id }) => id));
  return books.ledger
    .filter((row) => row.outcome === 'TRIGGERED' && !executions.has(row.executionId ?? ''))
    .map((row) => `lost: signal ${row.signalId} triggered pipeline ${row.pipelineId} but its execution does not exist`);
}

/** Decisions about signals that are not in the topic or do not match. */
function findUnfounded(topic: TopicContents, books: Books, pipelines: readonly Pipeline[]): string[] {
  const byId = new Map(pipelines.map((pipeline) => [pipeline.id, pipeline]));
  return books.ledger
    .filter((row) => {
      if (row.triggerMode !== 'signal') return false;
      const signal = topic.signals.get(row.signalId);
      const pipeline = byId.get(row.pipelineId);
      return signal === undefined || pipeline === undefined || pipelineMatches(pipeline, signal) === null;
    })
    .map((row) => `unfounded: decision for signal ${row.signalId} and pipeline ${row.pipelineId}`);
}

/** More than one execution for a trigger, executions nobody triggered, and two runs of one pipeline at the same time. */
function findDoubledRuns(books: Books): string[] {
  const triggered = new Set(books.ledger.flatMap(({ executionId }) => (executionId === null ? [] : [executionId])));
  const found = books.executions
    .filter(({ id }) => !triggered.has(id))
    .map(({ id }) => `doubled: execution ${id} is not the one its trigger started`);
  const pairs = new Set<string>();
  for (const { id, pipelineId, signalId } of books.executions) {
    const pair = pairOf(pipelineId, signalId);
    if (pairs.has(pair)) found.push(`doubled: execution ${id} repeats signal ${signalId} for pipeline ${pipelineId}`);
    pairs.add(pair);
  }
  return [...found, ...findOverlaps(books.executions)];
}

function findOverlaps(executions: readonly ExecutionRow[]): string[] {
  const ordered = [...executions].sort((a, b) => a.createdAt - b.createdAt);
  // Of the runs so far, the one that ended last: not the one before, which may lie within a longer one.
  const latest = new Map<string, ExecutionRow>();
  const endOf = ({ finishedAt }: ExecutionRow): number => finishedAt ?? Infinity;
  const found: string[] = [];
  for (const run of ordered) {
    const before = latest.get(run.pipelineId);
    if (before !== undefined && run.createdAt < endOf(before)) {
      found.push(`doubled: executions ${before.id} and ${run.id} of pipeline ${run.pipelineId} overlap`);
    }
    if (before === undefined || endOf(run) > endOf(before)) latest.set(run.pipelineId, run);
  }
  return found;
}

/** More than one order of an execution, an order of none, or more filled than ordered. */
function findDoubledOrders(books: Books): string[] {
  const found: string[] = [];
  const executions = new Set(books.executions.map(({ id }) => id));
  const seen = new Set<string>();
  for (const { clientOrderId, executionId, quantity, filledQuantity, filledByFills } of books.orders) {
    if (seen.has(executionId))
      found.push(`doubled: order ${clientOrderId} is a second one of execution ${executionId}`);
    seen.add(executionId);
    if (!executions.has(executionId))
      found.push(`doubled: order ${clientOrderId} belongs to no execution (${executionId})`);
    if (Number(filledByFills) > Number(quantity))
      found.push(`doubled: order ${clientOrderId} is filled beyond its quantity`);
    if (Number(filledByFills) !== Number(filledQuantity)) {
      found.push(`doubled: order ${clientOrderId} says ${filledQuantity} filled, its fills say ${filledByFills}`);
    }
  }
  return found;
}

function countBy<T>(rows: readonly T[], keyOf: (row: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[keyOf(row)] = (counts[keyOf(row)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
