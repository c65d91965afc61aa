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
  /** Kafka offset; null for a trigger without one. */
  readonly off: bigint | null;
  /** Null if the offset is null. */
  readonly partition: number | null;
  /** Index of its record among those decided together. */
  readonly record: number;
}

/** The decidable part of a set of records. */
export interface ChunkCandidates {
  /** Fresh pairs in log order, each once. */
  readonly fresh: readonly Candidate[];
  /** By index of the record: 0 no match, 1 matched, 2 with at least one fresh pair. */
  readonly marks: Uint8Array;
}

/**
 * The pairs of records and their pipelines in the current version. If a pipeline was changed after the match, its new
 * version is matched again. A private signal has pairs only with its owner's pipelines, whatever the index returned. A
 * pipeline that was switched off stays a match, so that the decision log can record it. Known pairs are dropped, and so
 * is the second occurrence of a signal in the set. `partitionAt` returns the partition of the record at an index.
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
