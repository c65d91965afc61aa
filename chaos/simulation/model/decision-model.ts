import {
  decideAll,
  type DecidedTrigger,
  executionIdOf,
  type PendingTrigger,
  pipelineMatches,
  type PipelineState,
} from '@tripline/domain';
import {
  type ChunkMatch,
  type ChunkRecord,
  type ChunkResult,
  type CreatedExecution,
  type DecisionChunk,
  type DirectTrigger,
  type LedgerEntry,
  LogShorterError,
  type TriggerResult,
} from '@tripline/persistence';

import { type RunRow, type Tables, unfinishedRuns } from './tables';

interface Pair {
  readonly record: ChunkRecord;
  readonly match: ChunkMatch;
}

/** The states a decision is made on, and what holds when they are outdated. */
export interface DecisionBasis {
  /** Default: as they are now, for the real transaction locks them before it reads. */
  readonly states?: ReadonlyMap<string, PipelineState> | undefined;
  /** Whether the unique index of active runs is there. Default true. */
  readonly hasWall?: boolean | undefined;
}

/** A unique index refused a row: the real transaction is rolled back and repeated. */
export class WallError extends Error {
  constructor(pipelineId: string) {
    super(`pipeline ${pipelineId} has an active run on this place`);
    this.name = 'WallError';
  }
}

/** What `decideChunk` does to the tables, at one instant: the real one holds its locks from reading to writing. */
export function decideChunk(tables: Tables, now: number, chunk: DecisionChunk, basis: DecisionBasis = {}): ChunkResult {
  const progress = tables.progress.get(chunk.partition);
  const epoch = chunk.epoch ?? progress?.epoch ?? 0;
  if (progress !== undefined && chunk.highWatermark !== undefined && chunk.highWatermark < progress.nextOffset) {
    if (epoch <= progress.epoch) throw new LogShorterError(progress.epoch, progress.nextOffset);
  }
  const isNewLog = progress === undefined || epoch > progress.epoch;
  const nextOffset = isNewLog ? 0n : progress.nextOffset;

  const pairs = chunk.records.flatMap((record) => record.matches.flatMap((match) => matchNow(tables, record, match)));
  const seen = new Set<string>();
  const fresh = pairs.filter(({ record, match }) => {
    const pair = pairKey(match.pipeline.id, record.signal.signalId);
    if (seen.has(pair) || isKnown(tables, match.pipeline.id, record.signal.signalId)) return false;
    seen.add(pair);
    return true;
  });
  const places = new Map(
    fresh.map(({ record, match }) => [pairKey(match.pipeline.id, record.signal.signalId), { record, match }]),
  );
  const { decisions, created } = decidePending(tables, now, fresh.map(pendingOf), basis, (decided) => {
    const place = places.get(pairKey(decided.pipeline.id, decided.trigger.triggerId));
    return place === undefined ? null : { ...place, partition: chunk.partition };
  });
  for (const { record } of fresh) {
    if (tables.signals.has(record.signal.signalId)) continue;
    tables.signals.set(record.signal.signalId, { signal: record.signal, appendedAt: record.appendedAtMs });
  }
  for (const { offset } of chunk.deadSignals) {
    tables.dead.set(`${chunk.topic}/${chunk.partition}/${epoch}/${offset}`, { partition: chunk.partition, offset });
  }
  const counted = countChunk(
    chunk,
    nextOffset,
    new Set(pairs.map(({ record }) => record.offset)),
    new Set(fresh.map(({ record }) => record.offset)),
  );
  if (isNewLog || chunk.nextOffset > nextOffset) {
    tables.progress.set(chunk.partition, {
      epoch,
      nextOffset: chunk.nextOffset > nextOffset ? chunk.nextOffset : nextOffset,
    });
  }
  return { decisions, created, counted, previousNextOffset: isNewLog ? null : nextOffset };
}

/** What `decideTriggers` does to the tables. */
export function decideTriggers(tables: Tables, now: number, triggers: readonly DirectTrigger[]): TriggerResult {
  const unknown = triggers.filter(({ pipelineId }) => !tables.pipelines.has(pipelineId)).map((t) => t.pipelineId);
  const pending = triggers.flatMap((trigger): PendingTrigger[] => {
    const pipeline = tables.pipelines.get(trigger.pipelineId)?.pipeline;
    if (pipeline === undefined || isKnown(tables, pipeline.id, trigger.triggerId)) return [];
    return [
      {
        pipeline,
        trigger: {
          triggerId: trigger.triggerId,
          mode: trigger.triggerMode,
          occurredAt: trigger.occurredAt,
          appendedAtMs: now,
          ticker: trigger.ticker ?? pipeline.tickers[0] ?? null,
          confidence: null,
        },
      },
    ];
  });
  return { ...decidePending(tables, now, pending, {}, () => null), unknown };
}

/** What `markEnqueued` does to the tables. */
export function markEnqueued(
  tables: Tables,
  now: number,
  jobs: readonly Pick<CreatedExecution, 'executionId' | 'generation'>[],
): number {
  let marked = 0;
  for (const { executionId, generation } of jobs) {
    const run = tables.executions.get(executionId);
    if (run?.status !== 'pending' || run.dispatchGen !== generation) continue;
    run.enqueuedAt = now;
    marked += 1;
  }
  return marked;
}

/** What counts is the pipeline at the moment of the decision; one that was switched off stays a match. */
function matchNow(tables: Tables, record: ChunkRecord, match: ChunkMatch): Pair[] {
  const row = tables.pipelines.get(match.pipeline.id);
  if (row === undefined) return [];
  const { pipeline } = row;
  if (!pipeline.isActive || pipeline.version === match.pipeline.version) return [{ record, match }];
  const again = pipelineMatches(pipeline, record.signal);
  return again === null ? [] : [{ record, match: again }];
}

function pairKey(pipelineId: string, signalId: string): string {
  return `${pipelineId}/${signalId}`;
}

function isKnown(tables: Tables, pipelineId: string, triggerId: string): boolean {
  return (
    tables.matches.has(pairKey(pipelineId, triggerId)) || tables.executions.has(executionIdOf(pipelineId, triggerId))
  );
}

function pendingOf({ record, match }: Pair): PendingTrigger {
  return {
    pipeline: match.pipeline,
    trigger: {
      triggerId: record.signal.signalId,
      mode: 'signal',
      occurredAt: record.signal.occurredAt,
      appendedAtMs: record.appendedAtMs,
      ticker: match.ticker,
      confidence: match.confidence,
    },
  };
}

/** The states of these pipelines as they are now. */
export function readStates(tables: Tables, pipelineIds: Iterable<string>): Map<string, PipelineState> {
  const states = new Map<string, PipelineState>();
  for (const pipelineId of pipelineIds) {
    const row = tables.pipelines.get(pipelineId);
    if (row === undefined) continue;
    states.set(pipelineId, {
      pipelineId,
      isActive: row.pipeline.isActive,
      version: row.pipeline.version,
      activeExecutionId: unfinishedRuns(tables, pipelineId)[0]?.id ?? null,
      lastTriggeredAt: row.lastOccurredAt,
    });
  }
  return states;
}

/** The pure decision, then its rows: all of them, or none when the wall refuses one. */
function decidePending(
  tables: Tables,
  now: number,
  pending: readonly PendingTrigger[],
  { states, hasWall = true }: DecisionBasis,
  placeOf: (decided: DecidedTrigger) => (Pair & { readonly partition: number }) | null,
): { decisions: LedgerEntry[]; created: CreatedExecution[] } {
  const ids = pending.map(({ pipeline }) => pipeline.id);
  const { decided } = decideAll(pending, states ?? readStates(tables, ids), { nowMs: now });
  if (hasWall) refuseSecondOnPlace(tables, decided);

  const decisions: LedgerEntry[] = [];
  const created: CreatedExecution[] = [];
  for (const one of decided) {
    const place = placeOf(one);
    const entry = entryOf(one, place, now);
    tables.matches.set(pairKey(entry.pipelineId, entry.signalId), {
      entry,
      partition: place?.partition ?? null,
      offset: place?.record.offset ?? null,
    });
    decisions.push(entry);
    if (one.executionId === null) continue;
    createRun(tables, now, one.executionId, entry);
    created.push({
      executionId: one.executionId,
      generation: 1,
      pipelineId: entry.pipelineId,
      userId: entry.userId,
      traceparent: null,
    });
  }
  return { decisions, created };
}

function entryOf(
  { pipeline, trigger, decision, executionId }: DecidedTrigger,
  place: Pair | null,
  now: number,
): LedgerEntry {
  return {
    pipelineId: pipeline.id,
    userId: pipeline.userId,
    pipelineVersion: pipeline.version,
    signalId: trigger.triggerId,
    signalType: place?.record.signal.signalType ?? null,
    triggerMode: trigger.mode,
    ticker: trigger.ticker,
    direction: place?.match.direction ?? null,
    confidence: trigger.confidence,
    outcome: decision.outcome,
    reason: decision.reason,
    detail: decision.detail,
    executionId,
    occurredAt: trigger.occurredAt,
    decidedAt: now,
  };
}

function createRun(tables: Tables, now: number, id: string, entry: LedgerEntry): void {
  const run: RunRow = {
    id,
    entry,
    createdAt: now,
    overlapKey: '',
    slot: 0,
    queuedSeq: null,
    expiresAt: null,
    activeFrom: now,
    status: 'pending',
    dispatchGen: 1,
    requestedAt: now,
    enqueuedAt: null,
    attempt: 0,
    maxAttempts: 5,
    leaseToken: 0,
    leaseUntil: null,
    deadlineAt: null,
    startedAt: null,
    finishedAt: null,
    stopReason: null,
    endedByToken: null,
  };
  tables.executions.set(id, run);
  const row = tables.pipelines.get(entry.pipelineId);
  if (row !== undefined) row.lastOccurredAt = entry.occurredAt;
}

/** The wall `one_active`. */
function refuseSecondOnPlace(tables: Tables, decided: readonly DecidedTrigger[]): void {
  for (const { pipeline, executionId } of decided) {
    if (executionId !== null && unfinishedRuns(tables, pipeline.id).length > 0) throw new WallError(pipeline.id);
  }
}

function countChunk(
  chunk: DecisionChunk,
  nextOffset: bigint,
  matchedOffsets: ReadonlySet<bigint>,
  freshOffsets: ReadonlySet<bigint>,
): ChunkResult['counted'] {
  const valid = chunk.records.filter(({ offset }) => offset >= nextOffset);
  const dead = chunk.deadSignals.filter(({ offset }) => offset >= nextOffset).length;
  const matched = valid.filter(({ offset }) => matchedOffsets.has(offset));
  return {
    records: valid.length + dead,
    valid: valid.length,
    dead,
    matched: matched.length,
    unmatched: valid.length - matched.length,
    duplicates: matched.filter(({ offset }) => !freshOffsets.has(offset)).length,
  };
}
