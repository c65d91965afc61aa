import type { IncomingChunk } from '@tripline/messaging';
import type { ChunkRecord, ChunkResult, CreatedExecution, DecisionChunk } from '@tripline/decision-store';
import { failpoint } from '@tripline/failpoints';

import { describeDeadRecord } from './dead-records';
import type { DispatchSpan } from './dispatch-span';
import type { DecodedRecord, MatchedChunk, MatchedRecord } from './match-chunk';

/**
 * The path of a record through the dispatcher, in order. The consumer of `libs/messaging` does stages 1, 2 and 9; the others
 * are these functions, called by `createChunkHandler` below. `service.ts` says which code stands behind each, `sizes.ts` what
 * the sizes mean. docs/reliability.md has every failpoint.
 *
 * 1. *Fetch* a batch of each partition. At most one fetch ahead of what is being decided. A crash leaves nothing.
 * 2. *Cut* the batch into chunks, handled one after the other. A crash leaves nothing.
 */
export interface DispatchStages {
  /**
   * 3. Isolate a record that crashes the process: yields the chunk as it is, or in pieces around a suspect, and quarantines
   * the record to blame. Writes only for the first chunk of a partition after a start. A crash leaves the journal of what was
   * begun, which is how the next start finds the record.
   */
  readonly isolate: (chunk: IncomingChunk) => AsyncIterable<IncomingChunk> | Iterable<IncomingChunk>;
  /**
   * 4. Match: peek at each record, match it against the index, and fully decode what matches or looks unusual. Cuts the chunk
   * at `SIZES.chunkPairs`. Pure and lazy: the matches of one chunk are in memory. A crash leaves nothing.
   */
  readonly match: (chunk: IncomingChunk) => Iterable<MatchedChunk>;
  /** 5. Trace: open a span for each matched signal. A crash leaves a span without an end. */
  readonly trace: (record: DecodedRecord, chunk: IncomingChunk) => DispatchSpan;
  /**
   * 6. Decide: every pair gets its outcome, every dead record its row, and the partition its next offset, in one
   * transaction. A crash before the commit leaves nothing; after it, executions without jobs, which belong to the sweeper.
   */
  readonly decide: (chunk: DecisionChunk) => Promise<ChunkResult>;
  /**
   * 7. Enqueue: hand the executions to the buffer in front of Redis. Waits only while the buffer is full; never throws. A
   * crash leaves executions without jobs, or jobs without acknowledgement; both belong to the sweeper.
   */
  readonly enqueue: (executions: readonly CreatedExecution[]) => Promise<unknown>;
  /** 8. Report: metrics and a log line, after the commit, so that they agree with the database. */
  readonly report: (report: ChunkReport) => void;
  // 9. Commit the offset after the chunk's last record, joined, at most every 100 ms. A crash before it leaves decided
  //    records that come again: their pairs are known and nothing is counted twice.
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

/** For callers that do not quarantine: stage 3 left out. */
export const isolateNothing: DispatchStages['isolate'] = (chunk) => [chunk];

/**
 * Stages 3 to 8 of one chunk. When it resolves, every decision of the chunk is committed and its offset may be; when it
 * throws, nothing needs undoing: the chunk is redelivered, and pairs already decided are known.
 */
export function createChunkHandler(stages: DispatchStages): (chunk: IncomingChunk) => Promise<void> {
  return async (chunk) => {
    for await (const piece of stages.isolate(chunk)) {
      await failpoint('after-fetch');
      let deciding: Promise<void> | undefined;
      // The next chunk is matched while this one's transaction is in progress; they are decided one after the other.
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

/** Stages 5 to 8 of what is decided together. */
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
