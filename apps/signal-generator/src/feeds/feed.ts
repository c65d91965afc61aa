import type { Signal } from '@tripline/triggers';

/** The signals of one step (one closed bar, or one tick of the mock feed): often none, sometimes several. */
export interface FeedStep {
  readonly signals: readonly Signal[];
  /** Event time of the step, epoch ms. */
  readonly eventTime: number;
  /** When the step is due, in wall-clock ms after the first step; always 0 for "as fast as possible". */
  readonly dueAfterMs: number;
}

/** A deterministic source of signals: every iteration gives the same steps with the same signal ids. */
export interface SignalFeed {
  /** Identifies the feed and every setting that affects its signals; a watermark is valid only for the same key. */
  readonly key: string;
  steps(): Iterable<FeedStep>;
}

/** The same feed with a separate key per topic, because a signal published to one topic is not in another. */
export function feedOfTopic(feed: SignalFeed, topic: string): SignalFeed {
  return { key: `${topic}:${feed.key}`, steps: () => feed.steps() };
}
