import { decodeSignalRecord } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';
import type { TopicAdmin } from '@tripline/messaging';

import type { TopicRecord } from '@tripline/audit';

/** The topic's contents, read from its first record to its end. */
export interface TopicContents {
  readonly records: readonly TopicRecord[];
  /** Valid signals by id; a signal published twice appears once. */
  readonly signals: ReadonlyMap<string, Signal>;
  readonly duplicateRecords: number;
}

export async function readTopic(admin: Pick<TopicAdmin, 'readAll'>, topic: string): Promise<TopicContents> {
  const records: TopicRecord[] = [];
  const signals = new Map<string, Signal>();
  let duplicateRecords = 0;
  await admin.readAll(topic, ({ partition, offset, value, timestampMs }) => {
    const decoded = decodeSignalRecord({ value, timestampMs });
    const signal = decoded.ok ? decoded.signal : null;
    records.push({ topic, partition, offset, appendedAt: timestampMs, signal });
    if (signal === null) return;
    if (signals.has(signal.signalId)) duplicateRecords += 1;
    else signals.set(signal.signalId, signal);
  });
  return { records, signals, duplicateRecords };
}
