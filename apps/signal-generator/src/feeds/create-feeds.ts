import type { BarSeries } from '@tripline/market';

import type { FeedConfig } from '../config';
import type { SignalFeed } from './feed';
import { createHistoryFeed } from './history-feed';
import { createMockFeed } from './mock-feed';

export interface FeedsOptions {
  readonly config: FeedConfig;
  /** Bars of the history feed; empty when that feed is off. */
  readonly history: readonly BarSeries[];
  readonly monotonicMs: () => number;
  /** Called with the time one generator took for one bar, seconds. */
  readonly onGenerated?: (generator: string, seconds: number) => void;
}

export interface NamedFeed {
  readonly name: FeedConfig['feeds'][number];
  readonly feed: SignalFeed;
}

/** Creates the configured feeds. The same settings and bars always give the same signals, so a recount can repeat them. */
export function createFeeds({ config, history, monotonicMs, onGenerated }: FeedsOptions): NamedFeed[] {
  const { generators } = config;
  return config.feeds.map((name) => ({
    name,
    feed:
      name === 'mock'
        ? createMockFeed(config.mock)
        : createHistoryFeed({
            series: history,
            generators,
            speed: config.history.speed,
            monotonicMs,
            ...(onGenerated !== undefined && { onGenerated }),
          }),
  }));
}
