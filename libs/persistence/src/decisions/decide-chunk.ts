import {
  decideAll,
  executionIdOf,
  type PendingTrigger,
  pipelineMatches,
  type Pipeline,
  type PipelineState,
  type SignalDirection,
} from '@tripline/domain';

import { ConcurrentChangeError } from '../database/errors';
import type { Queryable } from '../database/queryable';
import { countChunk, type LockedProgress, lockProgress, progressRow } from './chunk-progress';
import type { ChunkMatch, ChunkRecord, ChunkResult, DecisionChunk } from './decision-records';
import {
  createdOf,
  deadRow,
  jsonParameter,
  type LedgerLine,
  ledgerEntryOf,
  ledgerRow,
  signalRow,
} from './decision-rows';
import { WRITE_DECISIONS, WRITE_PROGRESS } from './decision-sql';
import { type LockedState, lockPipelines, readKnownPairs } from './read-state';

/** A pair that waits for its decision. */
interface CandidatePair {
  readonly record: ChunkRecord;
  readonly pipeline: Pipeline;
  readonly ticker: string;
  readonly confidence: number;
  readonly direction: SignalDirection;
  readonly executionId: string;
}

/** The deciding transaction of one chunk; see `DecisionStore.decideChunk`. */
export async function decideChunkIn(transaction: Queryable, given: DecisionChunk): Promise<ChunkResult> {
  const progress = await lockProgress(transaction, given);
  const chunk = { ...given, epoch: given.epoch ?? progress.epoch };
  const versions = matchedVersions(chunk.records);
  if (versions.size === 0 && chunk.deadSignals.length === 0) {
    const counted = countChunk(chunk, progress, new Set(), new Set());
    await transaction.query(WRITE_PROGRESS, [jsonParameter(progressRow(chunk, progress, counted))]);
    return { decisions: [], created: [], counted, previousNextOffset: progress.previousNextOffset };
  }
  return decidePairs(transaction, chunk, progress, versions);
}

async function decidePairs(
  transaction: Queryable,
  chunk: DecisionChunk,
  progress: LockedProgress,
  versions: ReadonlyMap<string, number>,
): Promise<ChunkResult> {
  const state: LockedState =
    versions.size === 0 ? { pipelines: new Map(), nowMs: 0 } : await lockPipelines(transaction, versions);
  const pairs = chunk.records.flatMap((record) => candidatesOf(record, state));
  const known = await knownPairs(transaction, pairs);
  const fresh = withoutRepeats(pairs.filter((_, index) => !known.has(index)));
  const lines = decideFresh(chunk, fresh, state);

  const matchedOffsets = new Set(pairs.map((pair) => pair.record.offset));
  const freshOffsets = new Set(fresh.map((pair) => pair.record.offset));
  const counted = countChunk(chunk, progress, matchedOffsets, freshOffsets);
  const written = await transaction.query<{ matches: number; executions: number }>(WRITE_DECISIONS, [
    jsonParameter(progressRow(chunk, progress, counted)),
    jsonParameter(signalRows(chunk, freshOffsets)),
    jsonParameter(lines.map(ledgerRow)),
    jsonParameter(chunk.deadSignals.map((dead) => deadRow(chunk, dead))),
  ]);
  const created = createdOf(lines);
  assertAllWritten(written[0], lines.length, created.length);
  return {
    decisions: lines.map((line) => line.entry),
    created,
    counted,
    previousNextOffset: progress.previousNextOffset,
  };
}

/** The locks make other results impossible; should they fail us, the unique indexes win and we decide again. */
export function assertAllWritten(
  written: { readonly matches: number; readonly executions: number } | undefined,
  matches: number,
  executions: number,
): void {
  if (written?.matches !== matches || written.executions !== executions) {
    throw new ConcurrentChangeError('another decision was written at the same time');
  }
}

function matchedVersions(records: readonly ChunkRecord[]): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (const record of records) {
    for (const { pipeline } of record.matches) {
      const seen = versions.get(pipeline.id);
      // Matched at two versions within one chunk: no version is 0, so the current definition comes along.
      versions.set(pipeline.id, seen === undefined || seen === pipeline.version ? pipeline.version : 0);
    }
  }
  return versions;
}

/** A signal that stands twice in the chunk has one pair per pipeline: the first. */
function withoutRepeats(pairs: readonly CandidatePair[]): readonly CandidatePair[] {
  const seen = new Set<string>();
  return pairs.filter(({ executionId }) => !seen.has(executionId) && seen.add(executionId) !== undefined);
}

function candidatesOf(record: ChunkRecord, state: LockedState): readonly CandidatePair[] {
  return record.matches.flatMap((match) => {
    const current = matchNow(match, record, state);
    if (current === null) return [];
    const executionId = executionIdOf(current.pipeline.id, record.signal.signalId);
    return [{ record, executionId, ...current }];
  });
}

/**
 * What counts is the pipeline at the moment of the decision: when it was changed since matching, the new version is asked
 * again. One that was switched off stays a match, so that the ledger can say so.
 */
function matchNow(match: ChunkMatch, record: ChunkRecord, locked: LockedState): ChunkMatch | null {
  const pipeline = locked.pipelines.get(match.pipeline.id);
  if (pipeline === undefined) return null;
  if (!pipeline.state.isActive || pipeline.state.version === match.pipeline.version) return match;
  if (pipeline.current === null) return match;
  return pipelineMatches(pipeline.current, record.signal);
}

async function knownPairs(transaction: Queryable, pairs: readonly CandidatePair[]): Promise<ReadonlySet<number>> {
  if (pairs.length === 0) return new Set();
  return readKnownPairs(
    transaction,
    pairs.map((pair) => ({
      pipelineId: pair.pipeline.id,
      triggerId: pair.record.signal.signalId,
      executionId: pair.executionId,
    })),
  );
}

function decideFresh(chunk: DecisionChunk, fresh: readonly CandidatePair[], locked: LockedState): LedgerLine[] {
  const states = new Map<string, PipelineState>();
  for (const [id, pipeline] of locked.pipelines) states.set(id, pipeline.state);
  const { decided } = decideAll(fresh.map(pendingOf), states, { nowMs: locked.nowMs });

  const sources = new Map(fresh.map((pair) => [pairKey(pair.pipeline.id, pair.record.signal.signalId), pair]));
  return decided.flatMap((decision) => {
    const pair = sources.get(pairKey(decision.pipeline.id, decision.trigger.triggerId));
    const owner = locked.pipelines.get(decision.pipeline.id);
    if (pair === undefined || owner === undefined) return [];
    return [
      {
        entry: ledgerEntryOf(decision, {
          userId: owner.userId,
          signalType: pair.record.signal.signalType,
          direction: pair.direction,
          decidedAt: locked.nowMs,
        }),
        place: { topic: chunk.topic, part: chunk.partition, off: pair.record.offset.toString() },
        traceparent: pair.record.traceparent ?? null,
      },
    ];
  });
}

function pendingOf(pair: CandidatePair): PendingTrigger {
  return {
    pipeline: pair.pipeline,
    trigger: {
      triggerId: pair.record.signal.signalId,
      mode: 'signal',
      occurredAt: pair.record.signal.occurredAt,
      appendedAtMs: pair.record.appendedAtMs,
      ticker: pair.ticker,
      confidence: pair.confidence,
    },
  };
}

function pairKey(pipelineId: string, triggerId: string): string {
  return `${pipelineId}/${triggerId}`;
}

/** Signals with a fresh pair, each once. */
function signalRows(chunk: DecisionChunk, freshOffsets: ReadonlySet<bigint>): readonly object[] {
  const rows = new Map<string, object>();
  for (const record of chunk.records) {
    if (!freshOffsets.has(record.offset) || rows.has(record.signal.signalId)) continue;
    const place = { topic: chunk.topic, part: chunk.partition, off: record.offset.toString() };
    rows.set(record.signal.signalId, signalRow(record.signal, place, record.appendedAtMs, record.traceparent ?? null));
  }
  return [...rows.values()];
}
