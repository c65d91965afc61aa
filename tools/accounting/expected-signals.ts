import { createHistoryFeed } from '../../apps/signal-generator/src/feeds/history-feed';
import { createMockFeed } from '../../apps/signal-generator/src/feeds/mock-feed';
import { defaultHistoryFiles } from '../../apps/signal-generator/src/history/history-files';
import { loadHistory } from '../../apps/signal-generator/src/history/load-history';

/** Ids of every signal the bundled history holds, computed here and now, without asking the service that published them. */
export async function expectedSignalIds(): Promise<Set<string>> {
  const series = await loadHistory(defaultHistoryFiles());
  const feed = createHistoryFeed({ series, speed: 'max', monotonicMs: () => 0 });
  const ids = new Set<string>();
  for (const { signals } of feed.steps()) for (const { signalId } of signals) ids.add(signalId);
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
