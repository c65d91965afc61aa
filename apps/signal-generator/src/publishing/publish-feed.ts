import { setImmediate } from 'node:timers/promises';

import type { Signal } from '@tripline/triggers';
import { failpoint } from '@tripline/failpoints';

import type { FeedStep, SignalFeed } from '../feeds/feed';
import type { WatermarkStore } from '../watermark/watermark';
import { createWatermarkKeeper } from '../watermark/watermark-keeper';

export interface FeedPublisherOptions {
  readonly feed: SignalFeed;
  readonly watermarks: WatermarkStore;
  /** Resolves when the broker holds every signal. Retried with the same signals until it does. */
  readonly publish: (signals: readonly Signal[]) => Promise<void>;
  /** Signals sent in one go at most. */
  readonly maxBatch: number;
  readonly monotonicMs: () => number;
  /** Resolves after the time, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onProgress: () => void;
  readonly onRetry: (error: unknown, attempt: number) => void;
  /** Bars after which the watermark is saved even when they brought no signal. */
  readonly checkpointSteps?: number;
}

export interface FeedResult {
  /** False when it was stopped before the end. */
  readonly finished: boolean;
  /** Signals published in this run; a resumed feed does not count what an earlier run published. */
  readonly published: number;
}

/**
 * Requests to the broker begin so far apart, ms, while signals fall due one by one; a request costs nearly the same for one as for
 * five. A signal that has none close behind it does not wait.
 */
const LINGER_MS = 4;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
const WAIT_CHUNK_MS = 1_000;
/** Steps passed over without a pause while resuming: some ten milliseconds. */
const RESUME_CHUNK_STEPS = 2_000;

/**
 * Runs a feed to its end or until `stop` aborts: step by step in order, each when it is due, resuming after the watermark.
 * The watermark moves only over what the broker has acknowledged, so that a crash re-emits and never skips.
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
    // A stop that comes while the last batch is under way takes nothing back: the broker holds it, so it counts.
    if (!isAllAccepted) return;
    await failpoint('before-watermark-save');
    await keeper.reach({ feed: feed.key, stepsDone: done, lastEventTime: step.eventTime });
    flushed = done;
  };

  /** Whether the next signal falls due before a request should begin again. */
  const isFollowed = (waitMs: number): boolean => options.monotonicMs() + waitMs - flushedAt < LINGER_MS;

  /** Passes over the steps before the watermark, which only warm the generators up. */
  const passOver = async (): Promise<void> => {
    done += 1;
    if (done % RESUME_CHUNK_STEPS !== 0) return;
    // A feed that ran for days has millions of them: health checks and a stop must get their turn.
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

/** Sends until the broker acknowledges; the ids are the same every time, so that a doubled record is known to the ledger. */
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
