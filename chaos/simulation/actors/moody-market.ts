import type { Bar, BarReader } from '@tripline/market';

import type { BarSource } from '../../../apps/worker/src/market-data/bar-source';
import type { Random } from '../kernel/random';

const MINUTE_MS = 60_000;

/** Returns different bars on every call, so agents never answer the same way twice. */
export function createMoodyMarket(random: Random): BarSource {
  const reader: BarReader = {
    asOf(time, count) {
      const drift = random.float() - 0.5;
      let close = 100 + random.int(50);
      return Array.from({ length: count }, (_, index): Bar => {
        const open = close;
        close = Math.max(1, Math.round((open + drift + random.float() - 0.5) * 100) / 100);
        const end = time - (count - 1 - index) * MINUTE_MS;
        return {
          start: end - MINUTE_MS,
          end,
          open,
          high: Math.max(open, close) + 0.5,
          low: Math.min(open, close) - 0.5,
          close,
          volume: 1_000,
        };
      });
    },
    nextAfter(time) {
      if (random.chance(0.1)) return null;
      const open = 90 + random.int(70);
      return { start: time, end: time + MINUTE_MS, open, high: open + 1, low: open - 1, close: open, volume: 1_000 };
    },
  };
  return { readerFor: () => reader };
}
