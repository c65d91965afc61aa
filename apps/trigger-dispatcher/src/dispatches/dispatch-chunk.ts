import type { MatchIndex } from '@tripline/matching';
import type { Match, SignalHead } from '@tripline/triggers';
import type { IncomingBatch } from '@tripline/messaging';
import type { ChunkRecord, ChunkResult, CreatedExecution, DecisionStore } from '@tripline/decision-store';
import { failpoint } from '@tripline/runtime';

import { type ChunkPart, type DecodedRecord, describeDeadRecord, type MatchedRecord, partsOf } from './decode-chunk';

/** A span of one matched signal, open from matching until it is decided and its jobs wait for the queue. */
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
  /** Takes the jobs over, and waits only when too many wait already. Never throws: see `createEnqueueQueue`. */
  readonly enqueue: (executions: readonly CreatedExecution[]) => Promise<unknown>;
  readonly startSpan: (record: DecodedRecord, batch: IncomingBatch) => DispatchSpan;
  readonly monotonicMs: () => number;
  readonly onDispatched: (report: ChunkReport) => void;
  /** Told of each signal, so that what it nearly matched can be looked for later; absent where nobody asks why (replays). */
  readonly onSignal?: (signal: SignalHead) => void;
}

interface TracedRecord extends MatchedRecord {
  readonly span: DispatchSpan;
}

/**
 * Handles one chunk of the topic: decode, match, decide in one transaction (more when it has very many pairs), enqueue. When
 * it resolves, everything of the chunk is durable and its offsets may be committed; when it throws, nothing needs undoing:
 * the chunk comes again, and pairs already decided are known.
 */
export function createChunkDispatcher(options: ChunkDispatcherOptions): (batch: IncomingBatch) => Promise<void> {
  return async (batch) => {
    await failpoint('after-fetch');
    const index = options.currentIndex();
    let deciding: Promise<void> | undefined;
    // The generator decodes and matches the next part while the transaction of the one before is under way; the parts are
    // decided one after the other.
    const match = (signal: SignalHead): readonly Match[] => {
      options.onSignal?.(signal);
      return index.match(signal);
    };
    for (const part of partsOf(batch.messages, match)) {
      if (deciding !== undefined) {
        await deciding;
        await batch.heartbeat();
      }
      deciding = dispatchPart({ ...batch, messages: part.messages }, part, options);
    }
    await deciding;
  };
}

async function dispatchPart(batch: IncomingBatch, part: ChunkPart, options: ChunkDispatcherOptions): Promise<void> {
  const startedAt = options.monotonicMs();
  const records = part.matched.map((record): TracedRecord => ({ ...record, span: options.startSpan(record, batch) }));
  try {
    const result = await options.decisions.decideChunk({
      topic: batch.topic,
      partition: batch.partition,
      records: records.map(toChunkRecord),
      unmatched: part.unmatched,
      deadSignals: part.dead.map(describeDeadRecord),
      highWatermark: batch.highWatermark,
      nextOffset: (batch.messages.at(-1)?.offset ?? -1n) + 1n,
    });
    await failpoint('after-decision-commit');
    await options.enqueue(result.created);
    endSpans(records, result);
    options.onDispatched({
      batch,
      result,
      matched: countByType(records),
      deadReasons: part.dead.map(({ reason }) => reason),
      seconds: (options.monotonicMs() - startedAt) / 1000,
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
