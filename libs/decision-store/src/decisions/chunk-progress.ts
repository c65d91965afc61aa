import { LogTruncatedError, plainArray, type Queryable } from '@tripline/database';
import type { ChunkCounts, DecisionChunk } from './decision-records';
import { INSERT_PROGRESS, LOCK_PROGRESS } from './progress-sql';

/** The partition's progress row, locked until the end of the transaction. */
export interface LockedProgress {
  readonly epoch: number;
  /** Records from this offset on were not counted yet. */
  readonly nextOffset: bigint;
  /** Null: the partition (or this epoch of it) has no progress yet. */
  readonly previousNextOffset: bigint | null;
}

interface ProgressRow {
  readonly part: number;
  readonly epoch: number;
  readonly next_off: string;
}

/**
 * Locks the progress of the chunks' partitions, in order. A partition without progress starts here.
 * @throws LogTruncatedError when a chunk's log ends before the decided offset
 */
export async function lockProgress(
  transaction: Queryable,
  chunks: readonly DecisionChunk[],
): Promise<readonly LockedProgress[]> {
  const found = await lockRows(transaction, chunks);
  const unseen = chunks.filter(({ partition }) => !found.has(partition));
  const begun = unseen.length === 0 ? found : await beginRows(transaction, unseen);
  return chunks.map((chunk) => {
    const row = found.get(chunk.partition);
    if (row !== undefined) return continuedBy(chunk, row);
    const inserted = begun.get(chunk.partition);
    // Offset 0 also when another dispatcher was faster: it holds the lock until it has advanced next_off.
    return fromRow(inserted, chunk.epoch ?? 0, inserted?.next_off === '0');
  });
}

type ProgressRows = ReadonlyMap<number, ProgressRow>;

async function lockRows(transaction: Queryable, chunks: readonly DecisionChunk[]): Promise<ProgressRows> {
  const partitions = plainArray(chunks.map(({ partition }) => partition));
  const rows = await transaction.query<ProgressRow>(LOCK_PROGRESS, [chunks[0]?.topic, partitions]);
  return new Map(rows.map((row) => [row.part, row]));
}

async function beginRows(transaction: Queryable, chunks: readonly DecisionChunk[]): Promise<ProgressRows> {
  await transaction.query(INSERT_PROGRESS, [
    chunks[0]?.topic,
    plainArray(chunks.map(({ partition }) => partition)),
    plainArray(chunks.map(({ epoch }) => epoch ?? 0)),
  ]);
  return lockRows(transaction, chunks);
}

function continuedBy(chunk: DecisionChunk, row: ProgressRow): LockedProgress {
  const progress = fromRow(row, chunk.epoch ?? row.epoch, false);
  if (chunk.highWatermark !== undefined && chunk.highWatermark < progress.nextOffset) {
    throw new LogTruncatedError(progress.epoch, progress.nextOffset);
  }
  return progress;
}

function fromRow(row: ProgressRow | undefined, epoch: number, isNew: boolean): LockedProgress {
  const storedEpoch = row?.epoch ?? epoch;
  // The topic was recreated: its offsets start again.
  if (epoch > storedEpoch) return { epoch, nextOffset: 0n, previousNextOffset: null };
  const nextOffset = BigInt(row?.next_off ?? 0);
  return { epoch: storedEpoch, nextOffset, previousNextOffset: isNew ? null : nextOffset };
}

/**
 * What the chunk adds to the counters. Only records from `next_off` on count, so a redelivery with different chunk
 * boundaries counts nothing twice. A chunk of an older epoch counts nothing. `marks` by index in the chunk: 0 no match,
 * 1 matched, 2 with a fresh pair.
 */
export function countChunk(chunk: DecisionChunk, progress: LockedProgress, marks: Uint8Array): ChunkCounts {
  const counts = { valid: 0, dead: 0, matched: 0, duplicates: 0 };
  if ((chunk.epoch ?? 0) === progress.epoch) {
    for (const [place, record] of chunk.records.entries()) {
      if (record.offset < progress.nextOffset) continue;
      counts.valid += 1;
      const mark = marks[place] ?? 0;
      if (mark > 0) counts.matched += 1;
      if (mark === 1) counts.duplicates += 1;
    }
    const unmatched = countFrom(chunk.unmatched ?? [], progress.nextOffset);
    counts.valid += unmatched;
    counts.dead = chunk.deadSignals.filter((record) => record.offset >= progress.nextOffset).length;
  }
  return { ...counts, records: counts.valid + counts.dead, unmatched: counts.valid - counts.matched };
}

/**
 * How many entries of an ascending list are at or after an offset. A list that lies entirely after it is not scanned.
 */
function countFrom(records: readonly { readonly offset: bigint }[], nextOffset: bigint): number {
  const first = records[0];
  if (first === undefined) return 0;
  return first.offset >= nextOffset ? records.length : records.filter((record) => record.offset >= nextOffset).length;
}

/** The change to the progress row. */
export interface ProgressWrite {
  readonly partition: number;
  readonly epoch: number;
  readonly nextOffset: bigint;
  readonly counted: ChunkCounts;
  /** Offsets without records: gaps of the log. */
  readonly skipped: bigint;
}

/** Null when the chunk is behind the progress. */
export function progressOf(chunk: DecisionChunk, progress: LockedProgress, counted: ChunkCounts): ProgressWrite | null {
  const behind = (chunk.epoch ?? 0) < progress.epoch || chunk.nextOffset <= progress.nextOffset;
  if (behind) return null;
  const from = progress.previousNextOffset ?? firstOffset(chunk);
  const skipped = chunk.nextOffset - from - BigInt(counted.records);
  return {
    partition: chunk.partition,
    epoch: progress.epoch,
    nextOffset: chunk.nextOffset,
    counted,
    skipped: skipped > 0n ? skipped : 0n,
  };
}

function firstOffset(chunk: DecisionChunk): bigint {
  const offsets = [...chunk.records, ...(chunk.unmatched ?? []).slice(0, 1), ...chunk.deadSignals].map(
    (record) => record.offset,
  );
  return offsets.reduce((least, offset) => (offset < least ? offset : least), chunk.nextOffset);
}
