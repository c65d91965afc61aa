import { signalTrigger, type Trigger } from '@tripline/decisions';
import { isMeantFor, type Pipeline, pipelineMatches } from '@tripline/triggers';

import type { ChunkMatch, ChunkRecord } from './decision-records';
import type { KnownPairs, PipelinesNow } from './read-state';

/** A pair that waits for its decision. */
export interface Candidate {
  /** At the version that counts. */
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
  readonly traceparent: string | null;
  /** Offset in the log; null for a trigger without one. */
  readonly off: bigint | null;
  /** Null like its offset. */
  readonly partition: number | null;
  /** Place of its record among those decided together. */
  readonly record: number;
}

/** What of the records is to be decided. */
export interface ChunkCandidates {
  /** Fresh pairs in log order, each once. */
  readonly fresh: readonly Candidate[];
  /** By place of the record: 0 no match, 1 matched, 2 with at least one fresh pair. */
  readonly marks: Uint8Array;
}

/**
 * The pairs of records against the pipelines as they are: when one was changed since matching, its new version is asked again.
 * A private signal has pairs with its owner's pipelines only, whatever the index said. One that was switched off stays a match, so that the ledger can say so. Pairs that are known are left out, and so is the
 * second of a signal that stands twice among them. `partitionAt` tells the partition of the record at a place.
 */
export function candidatesOf(
  records: readonly ChunkRecord[],
  partitionAt: (place: number) => number,
  pipelines: PipelinesNow,
  known: KnownPairs,
): ChunkCandidates {
  const marks = new Uint8Array(records.length);
  const fresh: Candidate[] = [];
  const seen = new Map<string, Set<string>>();
  for (const [place, record] of records.entries()) {
    if (record.matches.length === 0) continue;
    const { signalId } = record.signal;
    const decided = known.get(signalId);
    let here = seen.get(signalId);
    if (here === undefined) seen.set(signalId, (here = new Set()));
    for (const match of record.matches) {
      const current = matchNow(match, record, pipelines);
      if (current === null) continue;
      marks[place] = Math.max(marks[place] ?? 0, 1);
      const { id } = current.pipeline;
      if (decided?.has(id) === true || here.has(id)) continue;
      here.add(id);
      marks[place] = 2;
      fresh.push(candidateOf(current, record, partitionAt(place), place));
    }
  }
  return { fresh, marks };
}

function matchNow(match: ChunkMatch, record: ChunkRecord, pipelines: PipelinesNow): ChunkMatch | null {
  const now = pipelines.get(match.pipeline.id);
  if (now === undefined || !isMeantFor(record.signal, now.userId)) return null;
  if (now.state.version === match.pipeline.version || !now.state.isActive) return match;
  return now.current === null ? match : pipelineMatches(now.current, record.signal);
}

function candidateOf(match: ChunkMatch, record: ChunkRecord, partition: number, place: number): Candidate {
  const { signal } = record;
  return {
    pipeline: match.pipeline,
    trigger: signalTrigger(signal, match, record.appendedAtMs),
    traceparent: record.traceparent ?? null,
    off: record.offset,
    partition,
    record: place,
  };
}
