import type { PartitionOffsets, TopicAdmin } from '@tripline/messaging';

import type { ReplayRequest } from './replay-arguments';

/** How far a partition was decided. */
export interface DecidedUpTo {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: bigint;
}

export interface ReplayPlan {
  readonly ranges: readonly PartitionOffsets[];
  readonly records: bigint;
  /** Partitions that begin before the time asked for, because nothing after that place was ever decided. */
  readonly extended: readonly { readonly partition: number; readonly from: bigint }[];
}

/**
 * What to read of each partition. A range that began after the last decided record would leave those between undecided, and
 * hide the gap from the dispatchers: it begins at the gap instead.
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
