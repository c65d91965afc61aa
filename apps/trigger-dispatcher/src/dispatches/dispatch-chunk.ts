import type { Match, MatchIndex } from '@tripline/domain';
import type { IncomingBatch } from '@tripline/messaging';
import type { ChunkRecord, ChunkResult, CreatedExecution, DecisionStore } from '@tripline/persistence';

import { type DecodedRecord, decodeChunk, describeDeadRecord } from './decode-chunk';

/** A span of one matched signal, open from matching until its jobs are in the queue. */
export interface DispatchSpan {
  readonly traceparent: string | null;
  /** `failure` marks the span as an error. */
  end(result: { readonly outcomes: readonly string[]; readonly failure?: unknown }): void;
}

export interface ChunkReport {
  readonly batch: IncomingBatch;
  readonly result: ChunkResult;
  /** Matches by signal type, duplicates included. */
  readonly matched: ReadonlyMap<string, number>;
  readonly deadReasons: readonly string[];
  readonly seconds: number;
}

export interface ChunkDispatcherOptions {
  readonly currentIndex: () => Pick<MatchIndex, 'match'>;
  readonly decisions: Pick<DecisionStore, 'decideChunk'>;
  /** Never throws: see `createEnqueuer`. */
  readonly enqueue: (executions: readonly CreatedExecution[]) => Promise<void>;
  readonly startSpan: (record: DecodedRecord, batch: IncomingBatch) => DispatchSpan;
  readonly monotonicMs: () => number;
  readonly onDispatched: (report: ChunkReport) => void;
}

interface MatchedRecord extends DecodedRecord {
  readonly matches: readonly Match[];
  /** Only signals that match something get a span: the others leave a count, and cost nothing more. */
  readonly span: DispatchSpan | null;
}

/**
 * Handles one chunk of the topic: decode, match, decide in one transaction, enqueue. When it resolves, everything of the
 * chunk is durable and its offsets may be committed; when it throws, nothing needs undoing: the chunk comes again, and
 * pairs already decided are known.
 */
export function createChunkDispatcher(options: ChunkDispatcherOptions): (batch: IncomingBatch) => Promise<void> {
  return async (batch) => {
    const startedAt = options.monotonicMs();
    const decoded = decodeChunk(batch.messages);
    const index = options.currentIndex();
    const records = decoded.records.map((record): MatchedRecord => {
      const matches = index.match(record.signal);
      return { ...record, matches, span: matches.length === 0 ? null : options.startSpan(record, batch) };
    });
    try {
      const result = await options.decisions.decideChunk({
        topic: batch.topic,
        partition: batch.partition,
        records: records.map(toChunkRecord),
        deadSignals: decoded.dead.map(describeDeadRecord),
        nextOffset: (batch.messages.at(-1)?.offset ?? -1n) + 1n,
      });
      await options.enqueue(result.created);
      endSpans(records, result);
      options.onDispatched({
        batch,
        result,
        matched: countByType(records),
        deadReasons: decoded.dead.map(({ reason }) => reason),
        seconds: (options.monotonicMs() - startedAt) / 1000,
      });
    } catch (failure) {
      for (const { span } of records) span?.end({ outcomes: [], failure });
      throw failure;
    }
  };
}

function toChunkRecord({ message, signal, matches, span }: MatchedRecord): ChunkRecord {
  return {
    offset: message.offset,
    appendedAtMs: message.timestampMs,
    signal,
    matches,
    traceparent: span?.traceparent ?? null,
  };
}

function endSpans(records: readonly MatchedRecord[], result: ChunkResult): void {
  const outcomes = new Map<string, string[]>();
  for (const { signalId, outcome } of result.decisions) {
    const list = outcomes.get(signalId);
    if (list === undefined) outcomes.set(signalId, [outcome]);
    else list.push(outcome);
  }
  for (const { signal, span } of records) span?.end({ outcomes: outcomes.get(signal.signalId) ?? [] });
}

function countByType(records: readonly MatchedRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { signal, matches } of records) {
    if (matches.length === 0) continue;
    counts.set(signal.signalType, (counts.get(signal.signalType) ?? 0) + matches.length);
  }
  return counts;
}
