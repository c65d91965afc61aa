import type { RunEnd } from '@tripline/decisions';

import { jsonArray, plainArray, type Queryable, textArray } from '@tripline/database';
import type { DecidedCandidate, DecidedCandidates, UsageWrite } from './decide-candidates';
import type { CreatedExecution, DecisionLogEntry } from './decision-records';
import { END_RUNS, WRITE_EXECUTIONS, WRITE_MATCHES, WRITE_STATES, WRITE_USAGE } from './write-sql';

/** Source and time of the decided triggers. */
export interface LedgerPlace {
  readonly topic: string | null;
  /** Epoch ms by PostgreSQL's clock. */
  readonly decidedAt: number;
}

export function decisionLogEntryOf(line: DecidedCandidate, decidedAt: number): DecisionLogEntry {
  const { candidate, decision, run, userId } = line;
  const { pipeline, trigger } = candidate;
  return {
    pipelineId: pipeline.id,
    userId,
    pipelineVersion: pipeline.version,
    signalId: trigger.triggerId,
    signalType: trigger.signalType,
    triggerMode: trigger.mode,
    ticker: trigger.ticker,
    direction: trigger.direction,
    confidence: trigger.confidence,
    outcome: decision.outcome,
    reason: decision.reason,
    detail: decision.detail,
    executionId: run?.executionId ?? null,
    occurredAt: trigger.occurredAt,
    decidedAt,
  };
}

/** The executions to enqueue: those with a slot that a later trigger of the same sequence did not end. */
export function createdOf(lines: readonly DecidedCandidate[]): readonly CreatedExecution[] {
  return lines.flatMap(({ candidate, run, userId }) =>
    run === null || run.slot === null || run.endedAs !== null
      ? []
      : [
          {
            executionId: run.executionId,
            generation: 1,
            pipelineId: candidate.pipeline.id,
            userId,
            traceparent: candidate.traceparent,
          },
        ],
  );
}

/**
 * Writes the effects of decisions and returns the executions they ended. The statements are sent together, in this
 * order.
 */
export async function writeDecided(
  transaction: Queryable,
  decided: DecidedCandidates,
  place: LedgerPlace,
): Promise<readonly RunEnd[]> {
  if (decided.lines.length === 0) return [];
  const [ended] = await Promise.all([
    endRuns(transaction, decided.ends),
    writeLines(transaction, decided.lines, place),
    writeUsage(transaction, decided.usage),
    decided.rules?.save(),
  ]);
  return ended;
}

/** Decision log, executions and pipeline states of decided triggers. */
async function writeLines(
  transaction: Queryable,
  lines: readonly DecidedCandidate[],
  place: LedgerPlace,
): Promise<void> {
  const runs = lines.filter((line) => line.run !== null);
  const written = [transaction.execute(WRITE_MATCHES, matchColumns(lines, place))];
  if (runs.length > 0) {
    written.push(transaction.execute(WRITE_EXECUTIONS, executionColumns(runs)));
    written.push(transaction.execute(WRITE_STATES, stateColumns(runs)));
  }
  await Promise.all(written);
}

/** Ends the replaced executions before the new ones are written, because they may hold the same slot. */
async function endRuns(transaction: Queryable, ends: readonly RunEnd[]): Promise<readonly RunEnd[]> {
  const byReason = Map.groupBy(ends, (end) => end.stopReason);
  const rows = await Promise.all(
    [...byReason].map(async ([reason, same]) =>
      transaction.query<{ id: string }>(END_RUNS, [
        plainArray(same.map((end) => end.executionId)),
        same[0]?.status,
        reason,
        same[0]?.status === 'cancelled',
      ]),
    ),
  );
  const ended = new Set(rows.flat().map((row) => row.id));
  return ends.filter((end) => ended.has(end.executionId));
}

async function writeUsage(transaction: Queryable, usage: readonly UsageWrite[]): Promise<void> {
  if (usage.length === 0) return;
  await transaction.execute(WRITE_USAGE, [
    plainArray(usage.map((item) => item.userId)),
    plainArray(usage.map((item) => item.limits.minuteMs)),
    plainArray(usage.map((item) => item.usage.minute)),
    plainArray(usage.map((item) => item.limits.dayMs)),
    plainArray(usage.map((item) => item.usage.day)),
  ]);
}

function matchColumns(lines: readonly DecidedCandidate[], place: LedgerPlace): readonly unknown[] {
  return [
    place.topic,
    place.decidedAt,
    plainArray(lines.map(({ candidate }) => candidate.pipeline.id)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.triggerId)),
    plainArray(lines.map((line) => line.userId)),
    plainArray(lines.map(({ candidate }) => candidate.pipeline.version)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.mode)),
    textArray(lines.map(({ candidate }) => candidate.trigger.signalType)),
    textArray(lines.map(({ candidate }) => candidate.trigger.ticker)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.direction)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.confidence)),
    plainArray(lines.map(({ decision }) => decision.outcome)),
    plainArray(lines.map(({ decision }) => decision.reason)),
    jsonArray(lines.map(({ decision }) => decision.detail)),
    plainArray(lines.map(({ run }) => run?.executionId ?? null)),
    plainArray(lines.map(({ candidate }) => candidate.partition)),
    plainArray(lines.map(({ candidate }) => candidate.off)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.occurredAt)),
  ];
}

function executionColumns(lines: readonly DecidedCandidate[]): readonly unknown[] {
  return [
    plainArray(lines.map(({ run }) => run?.executionId ?? null)),
    plainArray(lines.map((line) => line.userId)),
    plainArray(lines.map(({ candidate }) => candidate.pipeline.id)),
    plainArray(lines.map(({ candidate }) => candidate.pipeline.version)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.mode)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.triggerId)),
    textArray(lines.map(({ candidate }) => candidate.trigger.signalType)),
    textArray(lines.map(({ candidate }) => candidate.trigger.ticker)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.direction)),
    plainArray(lines.map(({ candidate }) => candidate.trigger.occurredAt)),
    textArray(lines.map(({ candidate }) => candidate.traceparent)),
    textArray(lines.map(({ run }) => run?.overlapKey ?? '')),
    plainArray(lines.map(({ run }) => run?.slot ?? null)),
    plainArray(lines.map(({ run }) => run?.expiresAtMs ?? null)),
    plainArray(lines.map(({ run }) => run?.endedAs?.status ?? 'pending')),
    plainArray(lines.map(({ run }) => run?.endedAs?.stopReason ?? null)),
  ];
}

/** The last execution of a pipeline wins. */
function stateColumns(lines: readonly DecidedCandidate[]): readonly unknown[] {
  const last = new Map<string, { occurredAt: number; executionId: string | null; count: number }>();
  for (const { candidate, run } of lines) {
    const { id } = candidate.pipeline;
    const count = (last.get(id)?.count ?? 0) + 1;
    last.set(id, { occurredAt: candidate.trigger.occurredAt, executionId: run?.executionId ?? null, count });
  }
  const states = [...last.values()];
  return [
    plainArray([...last.keys()]),
    plainArray(states.map((state) => state.occurredAt)),
    plainArray(states.map((state) => state.executionId)),
    plainArray(states.map((state) => state.count)),
  ];
}
