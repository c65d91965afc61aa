import { LogShorterError } from '../database/errors';
import type { Queryable } from '../database/queryable';
import type { ChunkCounts, DecisionChunk } from './decision-records';
import { INSERT_PROGRESS, LOCK_PROGRESS } from './decision-sql';

/** The partition's progress row, locked until the end of the transaction. */
export interface LockedProgress {
  readonly epoch: number;
  /** Records from here on were not counted yet. */
  readonly nextOffset: bigint;
  /** Null: the partition (or this epoch of it) was never seen. */
  readonly previousNextOffset: bigint | null;
}

interface ProgressRow {
  readonly epoch: number;
  readonly next_off: string;
}

export async function lockProgress(transaction: Queryable, chunk: DecisionChunk): Promise<LockedProgress> {
  const epoch = chunk.epoch ?? 0;
  const found = (await transaction.query<ProgressRow>(LOCK_PROGRESS, [chunk.topic, chunk.partition]))[0];
  if (found === undefined) {
    await transaction.query(INSERT_PROGRESS, [chunk.topic, chunk.partition, epoch]);
    const inserted = (await transaction.query<ProgressRow>(LOCK_PROGRESS, [chunk.topic, chunk.partition]))[0];
    // Offset 0 also when another dispatcher was quicker: it holds the lock until it has moved next_off.
    return fromRow(inserted, epoch, inserted?.next_off === '0');
  }
  const progress = fromRow(found, chunk.epoch ?? found.epoch, false);
  if (chunk.highWatermark !== undefined && chunk.highWatermark < progress.nextOffset) {
    throw new LogShorterError(progress.epoch, progress.nextOffset);
  }
  return progress;
}

function fromRow(row: ProgressRow | undefined, epoch: number, isNew: boolean): LockedProgress {
  const storedEpoch = row?.epoch ?? epoch;
  // The topic was made anew: its offsets start again.
  if (epoch > storedEpoch) return { epoch, nextOffset: 0n, previousNextOffset: null };
  const nextOffset = BigInt(row?.next_off ?? 0);
  return { epoch: storedEpoch, nextOffset, previousNextOffset: isNew ? null : nextOffset };
}

/**
 * What the chunk adds to the counters: only records from `next_off` on, so that a redelivery with other borders counts
 * nothing twice; nothing at all for a chunk of an older epoch.
 */
export function countChunk(
  chunk: DecisionChunk,
  progress: LockedProgress,
  matchedOffsets: ReadonlySet<bigint>,
  freshOffsets: ReadonlySet<bigint>,
): ChunkCounts {
  const isNew = (offset: bigint): boolean => (chunk.epoch ?? 0) === progress.epoch && offset >= progress.nextOffset;
  const valid = chunk.records.filter((record) => isNew(record.offset));
  const matched = valid.filter((record) => matchedOffsets.has(record.offset));
  const dead = chunk.deadSignals.filter((record) => isNew(record.offset)).length;
  return {
    records: valid.length + dead,
    valid: valid.length,
    dead,
    matched: matched.length,
    unmatched: valid.length - matched.length,
    duplicates: matched.filter((record) => !freshOffsets.has(record.offset)).length,
  };
}

/** The row of $1 of WRITE_PROGRESS and WRITE_DECISIONS; none when the chunk lies behind the progress. */
export function progressRow(
  chunk: DecisionChunk,
  progress: LockedProgress,
  counted: ChunkCounts,
): readonly [object] | readonly [] {
  const behind = (chunk.epoch ?? 0) < progress.epoch || chunk.nextOffset <= progress.nextOffset;
  if (behind) return [];
  const from = progress.previousNextOffset ?? firstOffset(chunk);
  const skipped = chunk.nextOffset - from - BigInt(counted.records);
  return [
    {
      topic: chunk.topic,
      part: chunk.partition,
      epoch: progress.epoch,
      next_off: chunk.nextOffset.toString(),
      valid: counted.valid,
      dead: counted.dead,
      matched: counted.matched,
      unmatched: counted.unmatched,
      duplicates: counted.duplicates,
      skipped: (skipped > 0n ? skipped : 0n).toString(),
    },
  ];
}

function firstOffset(chunk: DecisionChunk): bigint {
  const offsets = [...chunk.records, ...chunk.deadSignals].map((record) => record.offset);
  return offsets.reduce((least, offset) => (offset < least ? offset : least), chunk.nextOffset);
}
