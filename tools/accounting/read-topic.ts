import { decodeSignal } from '@tripline/contracts';
import type { Signal } from '@tripline/domain';
import type { TopicAdmin } from '@tripline/messaging';

/** What really stands in the topic, read from its first record to its end. */
export interface TopicContents {
  readonly records: number;
  /** Valid signals by id; a signal published twice stands here once. */
  readonly signals: ReadonlyMap<string, Signal>;
  readonly duplicateRecords: number;
  /** `partition/offset` of every record that is no signal. */
  readonly deadOffsets: ReadonlySet<string>;
}

export async function readTopic(admin: Pick<TopicAdmin, 'readAll'>, topic: string): Promise<TopicContents> {
  const signals = new Map<string, Signal>();
  const deadOffsets = new Set<string>();
  let duplicateRecords = 0;
  const records = await admin.readAll(topic, ({ partition, offset, value }) => {
    const decoded = decodeSignal(value);
    if (!decoded.ok) deadOffsets.add(`${partition}/${offset}`);
    else if (signals.has(decoded.signal.signalId)) duplicateRecords += 1;
    else signals.set(decoded.signal.signalId, decoded.signal);
  });
  return { records, signals, duplicateRecords, deadOffsets };
}
