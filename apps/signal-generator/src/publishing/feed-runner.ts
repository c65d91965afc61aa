import type { Component, ProgressCheck } from '@tripline/runtime';
import type { Logger } from '@tripline/telemetry';

import { type FeedPublisherOptions, publishFeed } from './publish-feed';

export interface FeedRunnerOptions extends Omit<FeedPublisherOptions, 'wait' | 'onProgress' | 'onRetry'> {
  readonly progress: ProgressCheck;
  readonly logger: Logger;
  /** The feed failed in a way that a retry would not fix. */
  readonly onFailed: (error: unknown) => void;
}

/** Runs one feed in the background. Stopping waits for the batch in progress. A feed that has ended stays ready. */
export function createFeedRunner(options: FeedRunnerOptions): Component & { isFinished(): boolean } {
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  let finished = false;

  const run = async (): Promise<void> => {
    const { feed, logger, progress } = options;
    const startedAt = options.monotonicMs();
    logger.info({ event: 'feed_started', feed: feed.key }, 'feed started');
    try {
      const result = await publishFeed(
        {
          ...options,
          wait: waitUnlessAborted,
          onProgress: () => progress.mark(),
          onRetry: (error, attempt) =>
            logger.warn({ event: 'publish_retry', attempt, err: error }, 'signals not acknowledged; will retry'),
        },
        stop.signal,
      );
      finished = result.finished;
      const durationMs = Math.round(options.monotonicMs() - startedAt);
      const event = result.finished ? 'feed_finished' : 'feed_stopped';
      logger.info({ event, feed: feed.key, published: result.published, durationMs }, 'feed ended');
    } catch (error) {
      options.onFailed(error);
    }
  };

  return {
    name: 'feed',
    start() {
      running ??= run();
      return Promise.resolve();
    },
    async stop() {
      stop.abort();
      await running;
    },
    isFinished: () => finished,
  };
}

function waitUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
