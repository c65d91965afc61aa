import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

import type { MatchIndex } from '@tripline/matching';
import type { Signal } from '@tripline/triggers';

import { createRunDelayClock } from '../support/run-delay';

/** The longest time between two matches. */
export interface Pauses {
  /** Wall-clock time, ms. On a busy machine it includes time during which other programs used the core. */
  readonly wallMs: number;
  /** The longest pause without time used by other programs, ms: the cost of our own code and its garbage collection. */
  readonly ownMs: number;
  readonly matchesPerSecond: number;
}

const SIGNALS_PER_TURN = 16;

/**
 * Matches continuously, a few signals per iteration of the event loop, like a dispatcher under load. Records the longest gap
 * between two iterations.
 */
export function matchContinuously(index: () => MatchIndex, signals: readonly Signal[]) {
  let isRunning = true;
  let watch: ((index: MatchIndex) => void) | undefined;
  let [longestWall, longestOwn, turns, sinceMs] = [0, 0, 0, performance.now()];
  const delayMs = createRunDelayClock();

  const run = async (): Promise<void> => {
    let [lastWall, lastDelay] = [performance.now(), delayMs()];
    for (let place = 0; isRunning; place = (place + SIGNALS_PER_TURN) % signals.length) {
      const current = index();
      for (let n = 0; n < SIGNALS_PER_TURN; n += 1) current.match(signals[(place + n) % signals.length] as Signal);
      watch?.(current);
      const [wall, delay] = [performance.now(), delayMs()];
      longestWall = Math.max(longestWall, wall - lastWall);
      longestOwn = Math.max(longestOwn, wall - lastWall - (delay - lastDelay));
      [lastWall, lastDelay] = [wall, delay];
      turns += 1;
      await setImmediate();
    }
  };
  const done = run();

  return {
    /** Pauses since the last call. */
    take(): Pauses {
      const seconds = (performance.now() - sinceMs) / 1_000;
      const taken = { wallMs: longestWall, ownMs: longestOwn, matchesPerSecond: (turns * SIGNALS_PER_TURN) / seconds };
      [longestWall, longestOwn, turns, sinceMs] = [0, 0, 0, performance.now()];
      return taken;
    },
    /** Resolves as soon as the condition holds between two signals. */
    async until(condition: (index: MatchIndex) => boolean): Promise<void> {
      await new Promise<void>((resolve) => {
        watch = (current) => {
          if (!condition(current)) return;
          watch = undefined;
          resolve();
        };
      });
    },
    async stop(): Promise<void> {
      isRunning = false;
      await done;
    },
  };
}
export type ContinuousMatching = ReturnType<typeof matchContinuously>;
