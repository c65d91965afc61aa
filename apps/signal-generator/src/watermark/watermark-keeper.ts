import type { Watermark, WatermarkStore } from './watermark';

/** How old the saved watermark may become while signals flow, ms; what a crash re-emits of them, the ledger knows. */
const SAVE_INTERVAL_MS = 200;

export interface WatermarkKeeper {
  /** The feed has got so far: saved now, or when a while has passed since the last save. */
  reach(watermark: Watermark): Promise<void>;
  /** Saves what was reached: before a pause of the feed and at its end. */
  settle(): Promise<void>;
  /** Whether a pause of the feed, ms, is long enough to save before it. */
  isPause(ms: number): boolean;
}

/** Saves the watermark as often as a restart needs it, instead of syncing a file after every request to the broker. */
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
