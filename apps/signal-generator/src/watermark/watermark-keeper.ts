import type { Watermark, WatermarkStore } from './watermark';

/** Longest time between two saves while signals flow, ms; the decision log recognises what is sent again after a crash. */
const SAVE_INTERVAL_MS = 200;

export interface WatermarkKeeper {
  /** Records progress of the feed: saved now, or once the minimum time since the last save has passed. */
  reach(watermark: Watermark): Promise<void>;
  /** Saves the latest watermark: before a pause of the feed and at its end. */
  settle(): Promise<void>;
  /** Whether a pause of the feed, ms, is long enough to save first. */
  isPause(ms: number): boolean;
}

/** Saves the watermark as often as a restart needs, because syncing a file after every request would be slow. */
export function createWatermarkKeeper(store: WatermarkStore, monotonicMs: () => number): WatermarkKeeper {
  let unsaved: Watermark | undefined;
  let savedAt = -Infinity;

  const settle = async (): Promise<void> => {
    if (unsaved === undefined) return;
    const watermark = unsaved;
    unsaved = undefined;
    await store.save(watermark);
    savedAt = monotonicMs();
  };

  return {
    reach: async (watermark) => {
      unsaved = watermark;
      if (monotonicMs() - savedAt >= SAVE_INTERVAL_MS) await settle();
    },
    settle,
    isPause: (ms) => ms >= SAVE_INTERVAL_MS,
  };
}
