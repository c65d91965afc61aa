import { jsonArray, plainArray, type Queryable, textArray } from '@tripline/database';
import type { ProgressWrite } from './chunk-progress';
import type { ChunkRecord, DecisionChunk } from './decision-records';
import { WRITE_DEAD, WRITE_PROGRESS, WRITE_SIGNALS } from './write-sql';

const MAX_DETAIL_LENGTH = 500;
const MAX_PREFIX_BYTES = 256;
const MAX_STORED_MS = Date.UTC(9999, 11, 31);

/** Signals with a fresh pair (mark 2, by index among the records of all chunks), each once. */
export async function writeSignals(
  transaction: Queryable,
  chunks: readonly DecisionChunk[],
  marks: Uint8Array,
): Promise<void> {
  const rows = new Map<string, SignalRow>();
  let place = 0;
  for (const { records, partition } of chunks) {
    for (const record of records) {
      const isFresh = marks[place++] === 2;
      if (isFresh && !rows.has(record.signal.signalId)) rows.set(record.signal.signalId, { record, partition });
    }
  }
  if (rows.size === 0) return;
  const records = [...rows.values()].map((row) => row.record);
  await transaction.execute(WRITE_SIGNALS, [
    plainArray(records.map(({ signal }) => signal.signalId)),
    textArray(records.map(({ signal }) => signal.signalType)),
    textArray(records.map(({ signal }) => signal.source)),
    plainArray(records.map(({ signal }) => signal.occurredAt)),
    jsonArray(records.map(({ signal }) => signal.tickers)),
    jsonArray(records.map(({ signal }) => signal.metadata)),
    plainArray(records.map(({ signal }) => signal.schemaVersion)),
    plainArray(records.map((record) => record.offset)),
    plainArray(records.map((record) => (isStorable(record.appendedAtMs) ? record.appendedAtMs : null))),
    textArray(records.map((record) => record.traceparent ?? null)),
    chunks[0]?.topic,
    plainArray([...rows.values()].map((row) => row.partition)),
    plainArray(records.map(({ signal }) => signal.publisher ?? null)),
    plainArray(records.map(({ signal }) => signal.owner ?? null)),
  ]);
}

interface SignalRow {
  readonly record: ChunkRecord;
  readonly partition: number;
}

export async function writeDead(transaction: Queryable, chunk: DecisionChunk, epoch: number): Promise<void> {
  const dead = chunk.deadSignals;
  if (dead.length === 0) return;
  await transaction.execute(WRITE_DEAD, [
    chunk.topic,
    chunk.partition,
    epoch,
    plainArray(dead.map((record) => record.offset)),
    textArray(dead.map((record) => record.reason)),
    textArray(dead.map((record) => (record.detail ?? '').slice(0, MAX_DETAIL_LENGTH))),
    textArray(dead.map((record) => record.rawSha256)),
    // Quoted, because a record without bytes has an empty prefix.
    textArray(dead.map((record) => record.rawPrefix.subarray(0, MAX_PREFIX_BYTES).toString('hex'))),
    textArray(dead.map((record) => record.traceparent ?? null)),
  ]);
}

export async function writeProgress(
  transaction: Queryable,
  topic: string,
  moved: readonly ProgressWrite[],
): Promise<void> {
  if (moved.length === 0) return;
  await transaction.execute(WRITE_PROGRESS, [
    topic,
    plainArray(moved.map(({ partition }) => partition)),
    plainArray(moved.map(({ epoch }) => epoch)),
    plainArray(moved.map(({ nextOffset }) => nextOffset)),
    plainArray(moved.map(({ counted }) => counted.valid)),
    plainArray(moved.map(({ counted }) => counted.dead)),
    plainArray(moved.map(({ counted }) => counted.matched)),
    plainArray(moved.map(({ counted }) => counted.unmatched)),
    plainArray(moved.map(({ counted }) => counted.duplicates)),
    plainArray(moved.map(({ skipped }) => skipped)),
  ]);
}

/** A topic with producer timestamps may contain any 64-bit number. Such a record must not block the partition. */
function isStorable(epochMs: number): boolean {
  return epochMs >= 0 && epochMs <= MAX_STORED_MS;
}
