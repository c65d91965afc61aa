import { MatchIndex, type Pipeline } from '@tripline/domain';

export interface PipelineIndexOptions {
  /** All active pipelines that listen to signals. */
  readonly load: () => Promise<readonly Pipeline[]>;
  /** Full reload at least this often, whether or not a change was announced, ms. */
  readonly reloadIntervalMs: number;
  readonly monotonicMs: () => number;
  readonly onLoaded: (info: { pipelines: number; seconds: number }) => void;
  readonly onLoadFailed: (error: unknown) => void;
}

/** The snapshot of pipelines that signals are matched against. */
export interface PipelineIndex {
  readonly name: string;
  /** Loads the first snapshot, so that no signal is matched against nothing. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The current snapshot; a batch keeps the one it began with. */
  current(): MatchIndex;
  /** Something changed: reload as soon as the reload under way (if any) is done. Changes in between share one reload. */
  invalidate(): void;
  /** Since the last complete load, ms; Infinity before the first. */
  ageMs(): number;
}

/**
 * Holds one immutable snapshot and replaces it whole. A reload that fails keeps the old snapshot and is tried again at the
 * next interval or change: decisions re-check the pipeline under its row lock, so that a stale snapshot starts nothing wrong.
 */
export function createPipelineIndex(options: PipelineIndexOptions): PipelineIndex {
  let snapshot = MatchIndex.build([]);
  let loadedAt: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let loading: Promise<void> | undefined;
  let stale = false;
  let stopped = false;

  const loadOnce = async (): Promise<void> => {
    const startedAt = options.monotonicMs();
    const pipelines = await options.load();
    snapshot = MatchIndex.build(pipelines);
    loadedAt = startedAt;
    options.onLoaded({ pipelines: pipelines.length, seconds: (options.monotonicMs() - startedAt) / 1000 });
  };

  const reload = (): void => {
    stale = true;
    loading ??= (async () => {
      while (stale && !stopped) {
        stale = false;
        await loadOnce().catch(options.onLoadFailed);
      }
      loading = undefined;
    })();
  };

  return {
    name: 'pipeline-index',
    async start() {
      await loadOnce();
      timer = setInterval(reload, options.reloadIntervalMs);
      timer.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await loading;
    },
    current: () => snapshot,
    invalidate: reload,
    ageMs: () => (loadedAt === null ? Infinity : options.monotonicMs() - loadedAt),
  };
}
