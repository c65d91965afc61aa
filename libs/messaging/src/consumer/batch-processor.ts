import { setImmediate as afterThisTurn } from 'node:timers/promises';

import type { EachBatchPayload, KafkaMessage } from 'kafkajs';

import { BatchAbandonedError } from '../errors';
import { fromClientMessage } from '../messages/from-client';
import type { IncomingMessage, MessagingLogger } from '../messages/message';
import type { BatchConsumerOptions, BatchStart, ConsumerLimits } from '../ports';
import { chunksOf } from './chunks';
import type { OffsetCommitter } from './offset-committer';
import { nextOffset } from './offsets';
import type { PartitionLane, PartitionLanes } from './partition-lanes';
import type { PositionTracker } from './position-tracker';

export interface BatchProcessorDeps {
  readonly handler: BatchConsumerOptions['handler'];
  readonly onBatchStart: BatchConsumerOptions['onBatchStart'];
  readonly limits: ConsumerLimits;
  readonly positions: PositionTracker;
  readonly lanes: PartitionLanes;
  readonly commits: OffsetCommitter;
  readonly logger: MessagingLogger;
  readonly onProgress: () => void;
  readonly isStopping: () => boolean;
  readonly seek: (topic: string, partition: number, offset: bigint) => void;
}

/** The batch under work, with what its chunks share. */
interface Work {
  readonly payload: EachBatchPayload;
  readonly deps: BatchProcessorDeps;
  readonly lane: PartitionLane;
  readonly pulse: Pulse;
  readonly highWatermark: bigint;
  readonly isRunning: () => boolean;
}

/**
 * A smaller batch is what has just arrived. The next one is then fetched when this one is handled: fetched meanwhile it would hold
 * next to nothing, and what comes after it would wait for two rounds instead of one.
 */
const SMALL_BATCH_RECORDS = 200;

/**
 * Handles one fetched batch chunk by chunk, each after the one before: handler, commit of last + 1, heartbeat. Under load it does not
 * wait for the last chunk, so that the next batch is fetched meanwhile: that one's first chunk waits for it, and throws what it failed
 * with. It returns early on stop or seek and throws on any failure; what was not handled is read again from where it begins, nothing
 * of it is committed.
 */
export async function processBatch(payload: EachBatchPayload, deps: BatchProcessorDeps): Promise<void> {
  const { batch } = payload;
  const { topic, partition } = batch;
  const highWatermark = BigInt(batch.highWatermark);
  const first = batch.messages[0];
  if (first === undefined) return;
  const lane = deps.lanes.of(topic, partition);
  const pulse = createPulse(payload, lane);
  await settle(lane, pulse, deps);
  deps.positions.record(topic, partition, BigInt(first.offset), highWatermark);
  await deps.onBatchStart?.(batchStart(topic, partition, BigInt(first.offset), highWatermark, deps));

  const isRunning = (): boolean => payload.isRunning() && !deps.isStopping();
  const work: Work = { payload, deps, lane, pulse, highWatermark, isRunning };
  const { maxRecords, maxBytes } = deps.limits;
  const limits = {
    maxBytes,
    get maxRecords() {
      return lane.allowance(maxRecords);
    },
  };
  const isSmall = batch.messages.length < SMALL_BATCH_RECORDS;
  for (const records of chunksOf(batch.messages, limits)) {
    await settle(lane, pulse, deps);
    if (!isRunning() || payload.isStale()) return;
    const last = records.at(-1) as KafkaMessage;
    const { generation } = deps.lanes;
    // Nothing but this turn keeps the client from asking for the next batch: it does so before this chunk is decoded.
    const isAhead = !isSmall && last === batch.messages.at(-1);
    lane.begin(async () => {
      if (isAhead) await afterThisTurn();
      // Stopped, or dealt anew, in that turn.
      if (!isRunning() || generation !== deps.lanes.generation) return;
      await handleChunk(records.map(fromClientMessage), generation, work);
    });
    payload.resolveOffset(String(last.offset));
  }
  if (isSmall) await settle(lane, pulse, deps);
}

/** Waits for the chunk before, and tells the group that this member is alive when there was one. */
async function settle(lane: PartitionLane, pulse: Pulse, deps: BatchProcessorDeps): Promise<void> {
  const hasHandled = await lane.settle();
  deps.commits.throwIfRefused();
  if (hasHandled) await pulse.beat();
}

/** @param generation the assignment the chunk began under. */
async function handleChunk(messages: readonly IncomingMessage[], generation: number, work: Work): Promise<void> {
  const { payload, deps, pulse, highWatermark, isRunning } = work;
  const { topic, partition } = payload.batch;
  const from = messages[0]?.offset ?? 0n;
  const to = messages.at(-1)?.offset ?? 0n;
  try {
    await deps.handler({ topic, partition, highWatermark, messages, heartbeat: pulse.beat, isRunning });
    // A handler that swallowed the rejection worked on a partition that is no longer ours.
    pulse.throwIfLost();
  } catch (error) {
    if (error instanceof BatchAbandonedError && !isRunning()) return;
    logFailure(deps.logger, error, { topic, partition, from, to });
    if (generation !== deps.lanes.generation) return;
    // The client believes the chunk to be handled, and may have fetched what comes after it.
    if (!deps.isStopping()) deps.seek(topic, partition, from);
    throw error;
  }
  if (generation !== deps.lanes.generation) return;
  deps.onProgress();
  const offset = nextOffset(to);
  deps.positions.record(topic, partition, BigInt(offset), highWatermark);
  // With offsets given this commits them as they are, at once and also while stopping; without, it would do nothing (autoCommit is off).
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

interface Pulse {
  beat(): Promise<void>;
  throwIfLost(): void;
}

/** The heartbeat of one batch; remembers the first rejection, after which the partition must be taken for lost. */
function createPulse(payload: EachBatchPayload, lane: PartitionLane): Pulse {
  let lost: { reason: unknown } | undefined;
  return {
    async beat() {
      lane.mark();
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
  logger.error(fields, 'a chunk was not handled and will be delivered again');
}
