import type { DecisionOutcome } from '@tripline/decisions';
import type { SignalDirection } from '@tripline/market';
import type { ExecutionStatus, Signal, TriggerMode } from '@tripline/triggers';

import {
  jsonOf,
  listOf,
  numbersOf,
  placeKey,
  type Rows,
  runKey,
  type StatementContext,
  textsOf,
  UniqueViolationError,
} from './statements';
import {
  abandonIntents,
  endRun,
  isActive,
  type DecisionLogLine,
  type RunRow,
  type Tables,
  unfinishedRuns,
} from './tables';

/** Turns the columns of a statement into rows. */
function rowsOf(values: readonly unknown[]): (string | null)[][] {
  const columns = values.map(listOf);
  return (columns[0] ?? []).map((_, index) => columns.map((column) => column[index] ?? null));
}

const numberOrNull = (text: string | null | undefined): number | null => (text == null ? null : Number(text));

/** `decide-write-signals`. */
export function writeSignals({ tables, transaction }: StatementContext, values: readonly unknown[]): number {
  const rows = rowsOf([...values.slice(0, 10), ...values.slice(12, 14)]).filter(
    ([id]) => !tables.signals.has(id ?? ''),
  );
  transaction.write(() => {
    for (const [id, type, source, occurredMs, tickers, metadata, version, , appendedMs, , publisher, owner] of rows) {
      if (tables.signals.has(id ?? '')) continue;
      const signal: Signal = {
        signalId: id ?? '',
        signalType: type ?? '',
        source: source ?? '',
        occurredAt: Number(occurredMs),
        tickers: jsonOf(tickers),
        metadata: jsonOf(metadata),
        schemaVersion: Number(version),
        ...(publisher === null ? {} : { publisher }),
        ...(owner === null ? {} : { owner }),
      };
      tables.signals.set(signal.signalId, { signal, appendedAt: numberOrNull(appendedMs) });
    }
  });
  return rows.length;
}

/** `decide-write-matches`. */
export function writeMatches({ tables, transaction }: StatementContext, values: readonly unknown[]): number {
  const [, decidedAt] = values as readonly [string | null, number];
  const lines = rowsOf(values.slice(2)).map((row): DecisionLogLine => {
    const [pipelineId, signalId, userId, version, mode, type, ticker, direction, confidence, outcome, reason] = row;
    const [detail, executionId, partition, offset, occurredMs] = row.slice(11);
    return {
      pipelineId: pipelineId ?? '',
      signalId: signalId ?? '',
      userId: userId ?? '',
      pipelineVersion: Number(version),
      triggerMode: mode as TriggerMode,
      signalType: type ?? null,
      ticker: ticker ?? null,
      direction: direction as SignalDirection | null,
      confidence: numberOrNull(confidence),
      outcome: outcome as DecisionOutcome,
      reason: reason as DecisionLogLine['reason'],
      detail: jsonOf(detail),
      executionId: executionId ?? null,
      partition: numberOrNull(partition),
      offset: offset == null ? null : BigInt(offset),
      occurredAt: Number(occurredMs),
      decidedAt,
    };
  });
  if (lines.some(({ pipelineId, signalId }) => tables.matches.has(`${pipelineId}/${signalId}`))) {
    throw new UniqueViolationError('signal_matches_pkey');
  }
  transaction.write(() => {
    for (const line of lines) tables.matches.set(`${line.pipelineId}/${line.signalId}`, line);
  });
  return lines.length;
}

/** The unique key of the decision log: a writer waits if another transaction is writing the same pair. */
export const matchLocks = (_tables: Tables, values: readonly unknown[]): string[] => {
  const signals = textsOf(values[3]);
  return textsOf(values[2]).map((pipelineId, index) => `pair ${pipelineId}/${signals[index]}`);
};

interface NewRun {
  readonly row: RunRow;
}

/** `decide-write-executions`. */
export function writeExecutions(context: StatementContext, values: readonly unknown[]): number {
  const { tables, transaction } = context;
  const created: NewRun[] = [];
  for (const columns of rowsOf(values)) {
    const row = newRunOf(context, columns);
    if (tables.executions.has(row.id)) throw new UniqueViolationError('executions_pkey');
    if (context.hasWall && isPlaceTaken(context, row, created)) throw new UniqueViolationError('one_active');
    created.push({ row });
  }
  transaction.write(() => {
    for (const { row } of created) {
      tables.executions.set(row.id, row);
      if (row.finishedAt === null) continue;
      endRun(tables, row, row.finishedAt, { status: row.status, stopReason: row.stopReason, byToken: null });
    }
  });
  return created.length;
}

/** The slots that the new executions take; locked against other transactions. */
export const executionLocks = (_tables: Tables, values: readonly unknown[]): string[] =>
  rowsOf(values).flatMap((row) => {
    const [pipelineId, overlapKey, slot, status] = [row[2], row[11], row[12], row[14]];
    if (slot == null || status !== 'pending') return [];
    return [placeKey(pipelineId ?? '', overlapKey ?? '', Number(slot))];
  });

function isPlaceTaken({ tables, transaction }: StatementContext, row: RunRow, created: readonly NewRun[]): boolean {
  if (row.slot === null || !isActive(row)) return false;
  const rivals = [...unfinishedRuns(tables, row.pipelineId), ...created.map((other) => other.row)];
  return rivals.some(
    (other) =>
      other.pipelineId === row.pipelineId &&
      other.overlapKey === row.overlapKey &&
      other.slot === row.slot &&
      isActive(other) &&
      !transaction.ended.has(other.id),
  );
}

function newRunOf({ tables, now }: StatementContext, columns: readonly (string | null)[]): RunRow {
  const [id, userId, pipelineId, version, mode, signalId, , ticker, direction, occurredMs] = columns;
  const [, overlapKey, slotText, expiresMs, status, stopReason] = columns.slice(10);
  const slot = numberOrNull(slotText);
  return {
    id: id ?? '',
    userId: userId ?? '',
    pipelineId: pipelineId ?? '',
    pipelineVersion: Number(version),
    triggerMode: mode as TriggerMode,
    signalId: signalId ?? '',
    ticker: ticker ?? null,
    direction: direction as SignalDirection | null,
    occurredAt: Number(occurredMs),
    createdAt: now,
    overlapKey: overlapKey ?? '',
    slot,
    queuedSeq: slot === null ? (tables.queuedSeq += 1) : null,
    expiresAt: numberOrNull(expiresMs),
    activeFrom: slot === null ? null : now,
    status: status as ExecutionStatus,
    dispatchGen: slot === null ? 0 : 1,
    requestedAt: now,
    enqueuedAt: null,
    attempt: 0,
    maxAttempts: 5,
    leaseToken: 0,
    leaseUntil: null,
    deadlineAt: null,
    startedAt: null,
    finishedAt: status === 'pending' ? null : now,
    stopReason: stopReason ?? null,
    endedByToken: null,
  };
}

/** `decide-write-states`. */
export function writeStates({ tables, transaction }: StatementContext, [ids, occurred]: readonly unknown[]): number {
  const times = numbersOf(occurred);
  transaction.write(() =>
    textsOf(ids).forEach((id, index) => {
      const row = tables.pipelines.get(id);
      if (row !== undefined) row.lastOccurredAt = times[index] ?? null;
    }),
  );
  return times.length;
}

export const endRunsLocks = (_tables: Tables, [ids]: readonly unknown[]): string[] =>
  [...textsOf(ids)].sort().map(runKey);

/** `decide-end-runs`. */
export function endReplaced({ tables, transaction, now }: StatementContext, values: readonly unknown[]): Rows {
  const [ids, status, stopReason, withPlace] = values as readonly [unknown, ExecutionStatus, string, boolean];
  const due = textsOf(ids).flatMap((id) => {
    const run = tables.executions.get(id);
    return run === undefined || !isActive(run) || (!withPlace && run.slot !== null) ? [] : [run];
  });
  for (const { id } of due) transaction.ended.add(id);
  transaction.write(() => {
    for (const run of due) {
      run.leaseToken += 1;
      endRun(tables, run, now, { status, stopReason, byToken: null });
      abandonIntents(tables, run.id);
    }
  });
  return due.map(({ id }) => ({ id }));
}

/** `decide-write-usage`. */
export function writeUsage({ tables, transaction }: StatementContext, values: readonly unknown[]): number {
  const rows = rowsOf(values);
  transaction.write(() => {
    for (const [userId, minuteMs, minute, dayMs, day] of rows) {
      const usage = { minuteMs: Number(minuteMs), minute: Number(minute), dayMs: Number(dayMs), day: Number(day) };
      tables.usage.set(userId ?? '', usage);
    }
  });
  return rows.length;
}

/** `decide-write-dead`. */
export function writeDead({ tables, transaction }: StatementContext, values: readonly unknown[]): number {
  const [topic, partition, epoch, offsets] = values as readonly [string, number, number, unknown];
  const list = textsOf(offsets);
  transaction.write(() => {
    for (const offset of list) {
      tables.dead.set(`${topic}/${partition}/${epoch}/${offset}`, { partition, offset: BigInt(offset) });
    }
  });
  return list.length;
}

/** `decide-write-progress`. */
export function writeProgress({ tables, transaction }: StatementContext, values: readonly unknown[]): number {
  const moved = rowsOf(values.slice(1)).map(([partition, epoch, nextOffset]) => ({
    partition: Number(partition),
    row: { epoch: Number(epoch), nextOffset: BigInt(nextOffset ?? 0) },
  }));
  transaction.write(() => {
    for (const { partition, row } of moved) tables.progress.set(partition, row);
  });
  return moved.length;
}

/** `decide-acknowledge-enqueued`. */
export function acknowledgeEnqueued(context: StatementContext, [ids, generation]: readonly unknown[]): number {
  const { tables, now } = context;
  return textsOf(ids).filter((id) => {
    const run = tables.executions.get(id);
    if (context.isTaken(runKey(id))) return false;
    if (run?.status !== 'pending' || run.dispatchGen !== generation) return false;
    run.enqueuedAt = now;
    return true;
  }).length;
}
