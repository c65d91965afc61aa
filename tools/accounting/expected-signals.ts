import { createHistoryFeed } from '../../apps/signal-generator/src/feeds/history-feed';
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
