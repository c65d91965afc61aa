import type { MatchIndex } from '@tripline/matching';

import { createPipelineLoader, type PipelineLoaderOptions } from './pipeline-loader';

export interface PipelineIndexOptions extends PipelineLoaderOptions {
  /** Comparison with all pipelines at least this often, whether or not a change was announced, ms. */
  readonly reloadIntervalMs: number;
  readonly onLoadFailed: (error: unknown) => void;
}

/** The pipelines that signals are matched against, kept up to date. */
export interface PipelineIndex {
  readonly name: string;
  /** Loads every pipeline first, so that no signal is matched against nothing. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The index; it changes in place, between signals. */
  current(): MatchIndex;
  /** This pipeline changed (null: perhaps any). Changes that come together are loaded together. */
  invalidate(pipelineId: string | null): void;
  /** Since all pipelines were last compared, ms; Infinity before the first time. */
  ageMs(): number;
}

/** Announced changes wait this long for others, ms. */
const DEBOUNCE_MS = 20;
const RETRY_MS = 250;

/**
 * One loop does all loading, so that an older answer never comes after a newer one: announced changes first, then pages of
 * the comparison with everything. What fails is tried again; until then the index stays as it is: decisions re-check the
 * pipeline under its row lock, so that an old version starts nothing wrong.
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
        // Announced between the last look and now.
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
