import { failpoint } from '@tripline/runtime';
import type { EachBatchPayload } from 'kafkajs';

import { BatchAbandonedError } from '../errors';
import { fromClientMessage } from '../messages/from-client';
import type { MessagingLogger } from '../messages/message';
import type { BatchConsumerOptions, BatchStart, ConsumerLimits } from '../ports';
import { chunksOf } from './chunks';
import { nextOffset } from './offsets';
import type { PositionTracker } from './position-tracker';

export interface BatchProcessorDeps {
  readonly handler: BatchConsumerOptions['handler'];
  readonly onBatchStart: BatchConsumerOptions['onBatchStart'];
  readonly limits: ConsumerLimits;
  readonly positions: PositionTracker;
  readonly logger: MessagingLogger;
  readonly onProgress: () => void;
  readonly isStopping: () => boolean;
  readonly seek: (topic: string, partition: number, offset: bigint) => void;
}

/**
 * Handles one fetched batch chunk by chunk: handler, resolve, commit of last + 1, heartbeat. It returns early on stop or seek and throws on
 * any failure; either way nothing after the last handled chunk is resolved or committed, so it is delivered again.
 */
export async function processBatch(payload: EachBatchPayload, deps: BatchProcessorDeps): Promise<void> {
  const { batch } = payload;
  const { topic, partition } = batch;
  const highWatermark = BigInt(batch.highWatermark);
  const first = batch.messages[0];
  if (first === undefined) return;
  deps.positions.record(topic, partition, BigInt(first.offset), highWatermark);
  await deps.onBatchStart?.(batchStart(topic, partition, BigInt(first.offset), highWatermark, deps));

  const pulse = createPulse(payload);
  const isRunning = (): boolean => payload.isRunning() && !deps.isStopping();
  for (const records of chunksOf(batch.messages, deps.limits)) {
    if (!isRunning() || payload.isStale()) return;
    const messages = records.map(fromClientMessage);
    const last = messages.at(-1);
    if (last === undefined) return;
    try {
      await deps.handler({ topic, partition, highWatermark, messages, heartbeat: pulse.beat, isRunning });
      // A handler that swallowed the rejection worked on a partition that is no longer ours.
      pulse.throwIfLost();
    } catch (error) {
      if (error instanceof BatchAbandonedError && !isRunning()) return;
      logFailure(deps.logger, error, { topic, partition, from: messages[0]?.offset, to: last.offset });
      throw error;
    }
    const offset = nextOffset(last.offset);
    payload.resolveOffset(last.offset.toString());
    // With offsets given this commits them as they are, at once and also while stopping; without, it would do nothing (autoCommit is off).
    await failpoint('D7');
    const committing = payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    await Promise.all([committing, failpoint('D8')]);
    deps.positions.record(topic, partition, BigInt(offset), highWatermark);
    deps.onProgress();
    await pulse.beat();
  }
}

function batchStart(
  topic: string,
  partition: number,
  firstOffset: bigint,
  highWatermark: bigint,
  deps: BatchProcessorDeps,
): BatchStart {
  return { topic, partition, firstOffset, highWatermark, seek: (offset) => deps.seek(topic, partition, offset) };
}

/** The heartbeat of one batch; remembers the first rejection, after which the partition must be taken for lost. */
function createPulse(payload: EachBatchPayload): { beat: () => Promise<void>; throwIfLost: () => void } {
  let lost: { reason: unknown } | undefined;
  return {
    async beat() {
      try {
        await payload.heartbeat();
      } catch (reason) {
        lost ??= { reason };
        throw reason;
      }
    },
    throwIfLost() {
      if (lost !== undefined) throw lost.reason;
    },
  };
}

function logFailure(
  logger: MessagingLogger,
  error: unknown,
  at: { topic: string; partition: number; from: bigint | undefined; to: bigint },
): void {
  const fields = {
    event: 'batch_failed',
    topic: at.topic,
    partition: at.partition,
    first_offset: String(at.from),
    last_offset: String(at.to),
    err: error,
  };
  logger.error(fields, 'a chunk was not handled and will be delivered again');
}
