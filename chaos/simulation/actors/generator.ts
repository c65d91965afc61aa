import { toSignalMessage } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';

import type { SimProcess } from '../kernel/sim-process';
import type { ProducedRecord } from '../model/topic';
import type { System } from '../system';

/** One record that the generator will publish. */
export interface PlannedRecord {
  readonly partition: number;
  readonly record: ProducedRecord;
  /** Due time, ms since the start. */
  readonly dueMs: number;
}

/** A generator's state on disk; it survives the process. */
export interface Watermark {
  done: number;
}

export function recordOf(signal: Signal): ProducedRecord {
  return { signal, value: Buffer.from(JSON.stringify(toSignalMessage(signal))) };
}

/**
 * Publishes its plan in order. It resends unacknowledged records. After a crash, the next process also resends records that
 * were acknowledged after the last saved watermark. Resent records keep their ids.
 */
export function startGenerator(
  system: System,
  process: SimProcess,
  plan: readonly PlannedRecord[],
  watermark: Watermark,
): void {
  const { world, kafka, published } = system;
  const journal = (records: readonly PlannedRecord[], acked: boolean): void => {
    for (const { record } of records)
      if (record.signal !== null) published.push({ signalId: record.signal.signalId, acked });
  };
  process.start(async () => {
    let next = watermark.done;
    while (next < plan.length) {
      const first = plan[next] as PlannedRecord;
      const waitMs = first.dueMs - world.elapsed;
      if (waitMs > 0) await process.sleep(waitMs);
      const most = plan.slice(next, next + world.random.between(1, 4));
      const until = most.findIndex(({ partition, dueMs }) => partition !== first.partition || dueMs > world.elapsed);
      const batch = most.slice(0, until < 1 ? (until === 0 ? 1 : most.length) : until);
      try {
        journal(batch, false);
        await kafka.produce(
          process,
          first.partition,
          batch.map(({ record }) => record),
        );
        journal(batch, true);
        next += batch.length;
        // Saved only occasionally: after a crash in between, acknowledged records are sent again.
        if (world.random.chance(0.7) || next === plan.length) watermark.done = next;
      } catch {
        await process.sleep(world.random.between(100, 1_000));
      }
    }
    watermark.done = plan.length;
  });
}
