import type { PartitionOffsets, TopicAdmin } from '@tripline/messaging';

import type { ReplayRequest } from './replay-arguments';

/** The partition progress: the next offset to decide. */
export interface DecidedUpTo {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: bigint;
}

export interface ReplayPlan {
  readonly ranges: readonly PartitionOffsets[];
  readonly records: bigint;
  /** Partitions that start before the requested time, because their later records were never decided. */
  readonly extended: readonly { readonly partition: number; readonly from: bigint }[];
}

/**
 * Returns the range to read of each partition. A range that starts after the partition progress would leave the records in
 * between undecided and hide the gap from the dispatchers, so such a range starts at the gap.
 */
export async function planReplay(
  topic: string,
  request: Pick<ReplayRequest, 'fromMs' | 'toMs'>,
  admin: Pick<TopicAdmin, 'offsets' | 'offsetsAt'>,
  progress: readonly DecidedUpTo[],
): Promise<ReplayPlan> {
  const [log, starts] = [await admin.offsets(topic), await admin.offsetsAt(topic, request.fromMs)];
  const ends = request.toMs === null ? null : await admin.offsetsAt(topic, request.toMs);
  const extended: { partition: number; from: bigint }[] = [];
  const ranges = log.map(({ partition, low: oldest, high }) => {
    const start = starts.find((entry) => entry.partition === partition)?.offset ?? high;
    const end = ends?.find((entry) => entry.partition === partition)?.offset ?? high;
    const decided = progress.find((entry) => entry.topic === topic && entry.partition === partition)?.nextOffset;
    let low = start > oldest ? start : oldest;
    if (decided !== undefined && decided < low && decided < end) {
      low = decided > oldest ? decided : oldest;
      extended.push({ partition, from: low });
    }
    return { partition, low: low < end ? low : end, high: end };
  });
  const records = ranges.reduce((sum, { low, high }) => sum + (high - low), 0n);
  return { ranges, records, extended };
}
