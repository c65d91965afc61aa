import { type HistorySeries, loadHistory } from '@tripline/market';

import { type FeedConfig, loadFeedConfig } from '../../apps/signal-generator/src/config';
import { createFeeds } from '../../apps/signal-generator/src/feeds/create-feeds';
import { createMockFeed } from '../../apps/signal-generator/src/feeds/mock-feed';

/** The input of a signal generator; by default the bundled history and every generator. */
export interface FeedInput {
  readonly config: FeedConfig;
  readonly history: readonly HistorySeries[];
}

/** Reads the input that a signal generator with these environment variables uses. */
export async function loadFeedInput(env: Readonly<Record<string, string | undefined>>): Promise<FeedInput> {
  const config = loadFeedConfig(env);
  const isReplayed = config.feeds.includes('history');
  return { config, history: isReplayed ? await loadHistory({ files: config.history.files, now: Date.now() }) : [] };
}

/**
 * Ids of every signal that a generator with this input publishes. They are computed independently of the service that
 * published them. The feeds must be finite.
 */
export async function expectedSignalIds(input?: FeedInput): Promise<Set<string>> {
  const { config, history } = input ?? (await loadFeedInput({}));
  const ids = new Set<string>();
  for (const { feed } of createFeeds({ config, history, monotonicMs: () => 0 })) {
    for (const { signals } of feed.steps()) for (const { signalId } of signals) ids.add(signalId);
  }
  return ids;
}

/** Ids of the first `count` signals of the mock feed with its default start and timeframe, in order. */
export function expectedMockSignalIds(mock: {
  readonly seed: number;
  readonly tickers: readonly string[];
  readonly count: number;
}): string[] {
  const feed = createMockFeed({
    ...mock,
    ratePerSecond: 1,
    startMs: Date.UTC(2024, 0, 1),
    timeframe: '1m',
    timeframeMs: 60_000,
  });
  return [...feed.steps()].flatMap(({ signals }) => signals.map(({ signalId }) => signalId));
}
