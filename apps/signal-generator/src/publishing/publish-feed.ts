import { setImmediate } from 'node:timers/promises';

import type { Signal } from '@tripline/triggers';
import { failpoint } from '@tripline/failpoints';

import type { FeedStep, SignalFeed } from '../feeds/feed';
import type { WatermarkStore } from '../watermark/watermark';
import { createWatermarkKeeper } from '../watermark/watermark-keeper';

export interface FeedPublisherOptions {
  readonly feed: SignalFeed;
  readonly watermarks: WatermarkStore;
  /** Resolves when the broker has acknowledged every signal. Retried with the same signals until then. */
  readonly publish: (signals: readonly Signal[]) => Promise<void>;
  /** Most signals per send. */
  readonly maxBatch: number;
  readonly monotonicMs: () => number;
  /** Resolves after the given time, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onProgress: () => void;
  readonly onRetry: (error: unknown, attempt: number) => void;
  /** Number of bars after which the watermark is saved even without a signal. */
  readonly checkpointSteps?: number;
}

export interface FeedResult {
  /** False when it was stopped before the end. */
  readonly finished: boolean;
  /** Signals published since this start; a resumed feed does not count those of earlier starts. */
  readonly published: number;
}

/**
 * Shortest time between the starts of two requests to the broker, ms, while signals fall due one by one; a request with five
 * signals costs nearly the same as a request with one. A signal with no other due soon after it does not wait.
 */
const LINGER_MS = 4;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
const WAIT_CHUNK_MS = 1_000;
/** Steps skipped without yielding while resuming. */
const RESUME_CHUNK_STEPS = 2_000;

/**
 * Runs a feed to its end or until `stop` aborts: step by step in order, each when it is due, resuming after the watermark. The
 * watermark only passes signals that the broker has acknowledged, so after a crash signals are sent again and never skipped.
 */
export async function publishFeed(options: FeedPublisherOptions, stop: AbortSignal): Promise<FeedResult> {
  const { feed, watermarks, maxBatch } = options;
  const start = await watermarks.load(feed.key);
  const keeper = createWatermarkKeeper(watermarks, options.monotonicMs);
  const checkpointSteps = options.checkpointSteps ?? 2_000;
  let startedAt = options.monotonicMs();
  let firstDueMs: number | null = null;
  let published = 0;
  let done = 0;
  let flushed = start.stepsDone;
  let flushedAt = -Infinity;
  let pending: Signal[] = [];

  const flush = async (step: FeedStep): Promise<void> => {
    let accepted = 0;
    flushedAt = options.monotonicMs();
    while (accepted < pending.length && !stop.aborted) {
      const batch = pending.slice(accepted, accepted + maxBatch);
      if (await publishUntilAccepted(options, batch, stop)) accepted += batch.length;
    }
    published += accepted;
    const isAllAccepted = accepted === pending.length;
    pending = [];
    // A stop during the last batch does not undo it: the broker has the batch, so it counts.
    if (!isAllAccepted) return;
    await failpoint('before-watermark-save');
    await keeper.reach({ feed: feed.key, stepsDone: done, lastEventTime: step.eventTime });
    flushed = done;
  };

  /** Whether the next signal is due before the next request may start. */
  const isFollowed = (waitMs: number): boolean => options.monotonicMs() + waitMs - flushedAt < LINGER_MS;

  /** Skips the steps before the watermark; they only warm up the generators. */
  const passOver = async (): Promise<void> => {
    done += 1;
    if (done % RESUME_CHUNK_STEPS !== 0) return;
    // A feed that ran for days has millions of steps, so yield to health checks and a stop.
    await setImmediate();
    options.onProgress();
  };

  let last: FeedStep | undefined;
  for (const step of feed.steps()) {
    if (done < start.stepsDone) {
      await passOver();
      if (stop.aborted) return { finished: false, published };
      continue;
    }
    if (firstDueMs === null) [firstDueMs, startedAt] = [step.dueAfterMs, options.monotonicMs()];
    const waitMs = (): number => step.dueAfterMs - (firstDueMs ?? 0) - (options.monotonicMs() - startedAt);
    if (waitMs() > 0 && last !== undefined && pending.length > 0 && !isFollowed(waitMs())) await flush(last);
    if (keeper.isPause(waitMs())) await keeper.settle();
    if (waitMs() > 0) await waitUntilDue(options, waitMs(), stop);
    if (stop.aborted) break;
    pending.push(...step.signals);
    done += 1;
    last = step;
    if (pending.length >= maxBatch || done - flushed >= checkpointSteps) await flush(step);
    options.onProgress();
  }
  if (last !== undefined && !stop.aborted) await flush(last);
  await keeper.settle();
  return { finished: !stop.aborted, published };
}

async function waitUntilDue(options: FeedPublisherOptions, waitMs: number, stop: AbortSignal): Promise<void> {
  for (let left = waitMs; left > 0 && !stop.aborted; left -= WAIT_CHUNK_MS) {
    await options.wait(Math.min(left, WAIT_CHUNK_MS), stop);
    options.onProgress();
  }
}

/** Sends until the broker acknowledges. The ids are the same every time, so the decision log recognises duplicates. */
async function publishUntilAccepted(
  options: FeedPublisherOptions,
  batch: readonly Signal[],
  stop: AbortSignal,
): Promise<boolean> {
  for (let attempt = 1; !stop.aborted; attempt += 1) {
    try {
      await options.publish(batch);
      options.onProgress();
      return true;
    } catch (error) {
      options.onRetry(error, attempt);
      await options.wait(Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS), stop);
    }
  }
  return false;
}
