import type { MatchIndex } from '@tripline/matching';

import { createPipelineLoader, type PipelineLoaderOptions } from './pipeline-loader';

export interface PipelineIndexOptions extends PipelineLoaderOptions {
  /** Longest time between two comparisons with all pipelines, ms; runs even when no change was announced. */
  readonly reloadIntervalMs: number;
  readonly onLoadFailed: (error: unknown) => void;
}

/** The pipelines that signals are matched against, kept up to date. */
export interface PipelineIndex {
  readonly name: string;
  /** Loads every pipeline first, because signals must not be matched against an empty index. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The index. It changes in place, between signals. */
  current(): MatchIndex;
  /** Announces a changed pipeline (null: any may have changed). Announcements that arrive together are loaded together. */
  invalidate(pipelineId: string | null): void;
  /** Time since the last comparison with all pipelines, ms; Infinity before the first. */
  ageMs(): number;
}

/** How long an announced change waits for others, ms. */
const DEBOUNCE_MS = 20;
const RETRY_MS = 250;

/**
 * One loop does all loading, so an older answer never overwrites a newer one: announced changes first, then pages of the full
 * comparison. Failures are retried; until then the index stays as it is. A stale version starts nothing wrong, because decisions
 * re-check the pipeline under its row lock.
 */
export function createPipelineIndex(options: PipelineIndexOptions): PipelineIndex {
  const loader = createPipelineLoader(options);
  let timer: NodeJS.Timeout | undefined;
  let wake: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let stopped = false;

  const work = async (): Promise<void> => {
    while (!stopped && loader.hasWork()) {
      try {
        await loader.step();
      } catch (error) {
        options.onLoadFailed(error);
        schedule(RETRY_MS);
        return;
      }
    }
  };

  const schedule = (delayMs: number): void => {
    if (stopped || wake !== undefined) return;
    wake = setTimeout(() => {
      wake = undefined;
      working ??= work().finally(() => {
        working = undefined;
        // Announced since the last check.
        if (loader.hasWork()) schedule(DEBOUNCE_MS);
      });
    }, delayMs);
    wake.unref();
  };

  return {
    name: 'pipeline-index',
    async start() {
      loader.compareAll();
      while (loader.hasWork()) await loader.step();
      timer = setInterval(() => {
        loader.compareAll();
        schedule(0);
      }, options.reloadIntervalMs);
      timer.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      clearTimeout(wake);
      await working;
    },
    current: () => loader.index,
    invalidate(pipelineId) {
      if (pipelineId === null) loader.compareAll();
      else loader.announce(pipelineId);
      schedule(DEBOUNCE_MS);
    },
    ageMs: () => loader.ageMs(),
  };
}
