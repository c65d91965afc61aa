import type { IncomingChunk } from '@tripline/messaging';
import type { ChunkRecord, ChunkResult, CreatedExecution, DecisionChunk } from '@tripline/decision-store';
import { failpoint } from '@tripline/failpoints';

import { describeDeadRecord } from './dead-records';
import type { DispatchSpan } from './dispatch-span';
import type { DecodedRecord, MatchedChunk, MatchedRecord } from './match-chunk';

/**
 * The path of a record through the dispatcher, in order. The consumer in `libs/messaging` does stages 1, 2 and 9; the others
 * are these functions, called by `createChunkHandler` below. `service.ts` shows the code behind each stage, `sizes.ts` explains
 * the sizes, and docs/reliability.md lists every failpoint.
 *
 * 1. *Fetch* a batch of each partition, at most one fetch ahead of the chunk being decided. A crash leaves nothing.
 * 2. *Cut* the batch into chunks, handled one after the other. A crash leaves nothing.
 */
export interface DispatchStages {
  /**
   * 3. Isolate a record that crashes the process: yields the chunk whole, or in pieces around a suspect, and quarantines the
   * culprit. Writes only for the first chunk of a partition after a start. A crash leaves the journal of the work in progress,
   * which the next start uses to find the record.
   */
  readonly isolate: (chunk: IncomingChunk) => AsyncIterable<IncomingChunk> | Iterable<IncomingChunk>;
  /**
   * 4. Match: peek at each record, match it against the index, and fully decode records that match or look unusual. Splits the
   * chunk at `SIZES.chunkPairs`. Pure and lazy: the matches of one chunk are in memory. A crash leaves nothing.
   */
  readonly match: (chunk: IncomingChunk) => Iterable<MatchedChunk>;
  /** 5. Trace: open a span for each matched signal. A crash leaves an unfinished span. */
  readonly trace: (record: DecodedRecord, chunk: IncomingChunk) => DispatchSpan;
  /**
   * 6. Decide: in one transaction, store an outcome for every pair, a row for every dead record, and the next offset of the
   * partition. A crash before the commit leaves nothing. A crash after it leaves executions without jobs, which the sweeper
   * enqueues.
   */
  readonly decide: (chunk: DecisionChunk) => Promise<ChunkResult>;
  /**
   * 7. Enqueue: hand the executions to the buffer in front of Redis. Waits only while the buffer is full; never throws. A crash
   * leaves executions without jobs, or jobs without acknowledgement; the sweeper repairs both.
   */
  readonly enqueue: (executions: readonly CreatedExecution[]) => Promise<unknown>;
  /** 8. Report: record metrics and log one line, after the commit, so both agree with the database. */
  readonly report: (report: ChunkReport) => void;
  // 9. Commit the offset after the chunk's last record; commits are batched, at most one every 100 ms. A crash before the commit
  //    causes redelivery; pairs already decided are recognised and not counted twice.
  readonly monotonicMs: () => number;
}

export interface ChunkReport {
  readonly chunk: IncomingChunk;
  readonly result: ChunkResult;
  /** Matches by signal type, duplicates included. */
  readonly matched: ReadonlyMap<string, number>;
  readonly deadReasons: readonly string[];
  readonly seconds: number;
}

/** Without stage 3, for callers that do not quarantine. */
export const isolateNothing: DispatchStages['isolate'] = (chunk) => [chunk];

/**
 * Stages 3 to 8 of one chunk. Once it resolves, every decision of the chunk is committed and its offset may be committed. When
 * it throws, nothing needs undoing: the chunk is redelivered, and pairs already decided are recognised.
 */
export function createChunkHandler(stages: DispatchStages): (chunk: IncomingChunk) => Promise<void> {
  return async (chunk) => {
    for await (const piece of stages.isolate(chunk)) {
      await failpoint('after-fetch');
      let deciding: Promise<void> | undefined;
      // The next chunk is matched while this one's transaction is in progress. Chunks are decided one after the other.
      for (const matched of stages.match(piece)) {
        if (deciding !== undefined) {
          await deciding;
          await chunk.heartbeat();
        }
        deciding = dispatch(matched, stages);
      }
      await deciding;
    }
  };
}

interface TracedRecord extends MatchedRecord {
  readonly span: DispatchSpan;
}

/** Stages 5 to 8 for records that are decided together. */
async function dispatch({ chunk, matched, unmatched, dead }: MatchedChunk, stages: DispatchStages): Promise<void> {
  const startedAt = stages.monotonicMs();
  const records = matched.map((record): TracedRecord => ({ ...record, span: stages.trace(record, chunk) }));
  try {
    const result = await stages.decide({
      topic: chunk.topic,
      partition: chunk.partition,
      records: records.map(toChunkRecord),
      unmatched,
      deadSignals: dead.map(describeDeadRecord),
      highWatermark: chunk.highWatermark,
      nextOffset: (chunk.messages.at(-1)?.offset ?? -1n) + 1n,
    });
    await failpoint('after-decision-commit');
    await stages.enqueue(result.created);
    endSpans(records, result);
    stages.report({
      chunk,
      result,
      matched: countByType(records),
      deadReasons: dead.map(({ reason }) => reason),
      seconds: (stages.monotonicMs() - startedAt) / 1000,
    });
  } catch (failure) {
    for (const { span } of records) span.end({ outcomes: [], failure });
    throw failure;
  }
}

function toChunkRecord({ message, signal, matches, span }: TracedRecord): ChunkRecord {
  return {
    offset: message.offset,
    appendedAtMs: message.timestampMs,
    signal,
    matches,
    traceparent: span.traceparent,
  };
}

function endSpans(records: readonly TracedRecord[], result: ChunkResult): void {
  const outcomes = new Map<string, string[]>();
  for (const { signalId, outcome } of result.decisions) {
    const list = outcomes.get(signalId);
    if (list === undefined) outcomes.set(signalId, [outcome]);
    else list.push(outcome);
  }
  for (const { signal, span } of records) span.end({ outcomes: outcomes.get(signal.signalId) ?? [] });
}

function countByType(records: readonly MatchedRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { signal, matches } of records) {
    counts.set(signal.signalType, (counts.get(signal.signalType) ?? 0) + matches.length);
  }
  return counts;
}
