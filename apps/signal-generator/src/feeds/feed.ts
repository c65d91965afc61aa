import type { Signal } from '@tripline/triggers';

/** What a feed makes of one step (one closed bar, one tick of the mock): often nothing, seldom several signals. */
export interface FeedStep {
  readonly signals: readonly Signal[];
  /** Event time of the step, epoch ms. */
  readonly eventTime: number;
  /** When the step is due after the first one, in wall-clock ms; 0 throughout for "as fast as possible". */
  readonly dueAfterMs: number;
}

/** A deterministic source of signals: iterating it again gives the same steps with the same signal ids. */
export interface SignalFeed {
  /** Names the feed and every setting that changes its signals; a watermark counts only for the same key. */
  readonly key: string;
  steps(): Iterable<FeedStep>;
}

/** The same feed under a key of its own per topic: what one topic has is not in another. */
export function feedOfTopic(feed: SignalFeed, topic: string): SignalFeed {
  return { key: `${topic}:${feed.key}`, steps: () => feed.steps() };
}
