import type { EachBatchPayload, KafkaMessage } from 'kafkajs';

import { BatchAbandonedError } from '../errors';
import { fromClientMessage } from '../messages/from-client';
import type { IncomingMessage, MessagingLogger } from '../messages/message';
import type { BatchConsumerOptions, BatchStart, ConsumerLimits } from '../ports';
import { chunksOf, SMALL_CHUNK_RECORDS } from './chunks';
import type { OffsetCommitter } from './offset-committer';
import { nextOffset } from './offsets';
import type { PartitionSlot, PartitionSlots } from './partition-slots';
import type { ProgressTracker } from './progress-tracker';

export interface BatchProcessorDeps {
  readonly handler: BatchConsumerOptions['handler'];
  readonly onBatchStart: BatchConsumerOptions['onBatchStart'];
  readonly limits: ConsumerLimits;
  readonly progress: ProgressTracker;
  readonly slots: PartitionSlots;
  readonly commits: OffsetCommitter;
  readonly logger: MessagingLogger;
  readonly onProgress: () => void;
  readonly isStopping: () => boolean;
  readonly seek: (topic: string, partition: number, offset: bigint) => void;
}

/** The batch in progress, with the state its chunks share. */
interface Work {
  readonly payload: EachBatchPayload;
  readonly deps: BatchProcessorDeps;
  readonly slot: PartitionSlot;
  readonly heartbeat: Heartbeat;
  readonly highWatermark: bigint;
  readonly isRunning: () => boolean;
}

/**
 * Handles one fetched batch chunk by chunk: handler, commit of the last offset + 1, heartbeat. For a large batch it does not
 * wait for the last chunk, so the next batch is fetched meanwhile; the next batch's first chunk waits, and throws if the last
 * one failed. Returns early on stop or seek and throws on any failure. Nothing of an unfinished chunk is committed, and it is
 * redelivered.
 */
export async function processBatch(payload: EachBatchPayload, deps: BatchProcessorDeps): Promise<void> {
  const { batch } = payload;
  const { topic, partition } = batch;
  const highWatermark = BigInt(batch.highWatermark);
  const first = batch.messages[0];
  if (first === undefined) return;
  const slot = deps.slots.of(topic, partition);
  const heartbeat = createHeartbeat(payload, slot);
  await finishChunk(slot, heartbeat, deps);
  deps.progress.record(topic, partition, BigInt(first.offset), highWatermark);
  await deps.onBatchStart?.(batchStart(topic, partition, BigInt(first.offset), highWatermark, deps));

  const isRunning = (): boolean => payload.isRunning() && !deps.isStopping();
  const work: Work = { payload, deps, slot, heartbeat, highWatermark, isRunning };
  const { maxRecords, maxBytes } = deps.limits;
  const limits = {
    maxBytes,
    get maxRecords() {
      return slot.nextChunkRecords(maxRecords);
    },
  };
  // Prefetching now would return a nearly empty batch and cost later records a second round trip.
  const isSmall = batch.messages.length < SMALL_CHUNK_RECORDS;
  for (const records of chunksOf(batch.messages, limits)) {
    await finishChunk(slot, heartbeat, deps);
    if (!isRunning() || payload.isStale()) return;
    const last = records.at(-1) as KafkaMessage;
    const { generation } = deps.slots;
    slot.begin(() => handleChunk(records.map(fromClientMessage), generation, work));
    payload.resolveOffset(String(last.offset));
  }
  if (isSmall) await finishChunk(slot, heartbeat, deps);
}

/** Waits for the chunk in progress. If there was one, sends the group a heartbeat. */
async function finishChunk(slot: PartitionSlot, heartbeat: Heartbeat, deps: BatchProcessorDeps): Promise<void> {
  const hasHandled = await slot.finish();
  deps.commits.throwIfRefused();
  if (hasHandled) await heartbeat.send();
}

/** @param generation the assignment under which the chunk started. */
async function handleChunk(messages: readonly IncomingMessage[], generation: number, work: Work): Promise<void> {
  const { payload, deps, heartbeat, highWatermark, isRunning } = work;
  const { topic, partition } = payload.batch;
  const from = messages[0]?.offset ?? 0n;
  const to = messages.at(-1)?.offset ?? 0n;
  try {
    await deps.handler({ topic, partition, highWatermark, messages, heartbeat: heartbeat.send, isRunning });
    // A handler that swallowed the rejection worked on a partition that we have lost.
    heartbeat.throwIfLost();
  } catch (error) {
    if (error instanceof BatchAbandonedError && !isRunning()) return;
    logFailure(deps.logger, error, { topic, partition, from, to });
    if (generation !== deps.slots.generation) return;
    // The client considers the chunk handled, and may have fetched the records after it.
    if (!deps.isStopping()) deps.seek(topic, partition, from);
    throw error;
  }
  if (generation !== deps.slots.generation) return;
  deps.onProgress();
  const offset = nextOffset(to);
  deps.progress.record(topic, partition, BigInt(offset), highWatermark);
  // With explicit offsets this commits at once, also while stopping; without them it would do nothing (autoCommit is off).
  deps.commits.add(topic, partition, offset, (offsets) => payload.commitOffsetsIfNecessary(offsets));
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

interface Heartbeat {
  send(): Promise<void>;
  throwIfLost(): void;
}

/** Sends the heartbeat of one batch. Remembers the first rejection, after which the partition must be considered lost. */
function createHeartbeat(payload: EachBatchPayload, slot: PartitionSlot): Heartbeat {
  let lost: { reason: unknown } | undefined;
  return {
    async send() {
      slot.touch();
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
  at: { topic: string; partition: number; from: bigint; to: bigint },
): void {
  const fields = {
    event: 'batch_failed',
    topic: at.topic,
    partition: at.partition,
    first_offset: String(at.from),
    last_offset: String(at.to),
    err: error,
  };
  logger.error(fields, 'chunk failed; it will be redelivered');
}
