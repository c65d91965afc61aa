import { MatchIndex } from '@tripline/matching';
import type { Pipeline } from '@tripline/triggers';
import { createPartSharing } from '@tripline/matching';
import type { PipelineRepository } from '@tripline/pipeline-store';

import { createSlices } from './slices';

export interface PipelineLoaderOptions {
  readonly pipelines: Pick<PipelineRepository, 'listActiveVersions' | 'findInactive' | 'loadByIds'>;
  readonly monotonicMs: () => number;
  /** Yields to everything else that waits for the event loop. */
  readonly yieldToLoop: () => Promise<void>;
  /** Frees a page's objects from the young heap; see `createYoungCollection`. */
  readonly collectYoung: () => void;
  /** A comparison with all pipelines has finished. */
  readonly onLoaded: (info: { pipelines: number; changed: number; seconds: number }) => void;
  /** Announced changes are in the index. */
  readonly onChanged: (info: { pipelines: number; seconds: number }) => void;
}

const VERSIONS_PER_PAGE = 1_000;
const PIPELINES_PER_PAGE = 100;
/** With more announced changes than this, a full comparison is cheaper. */
const MAX_ANNOUNCED = 20_000;

/** Loads pipelines into the index step by step. */
export interface PipelineLoader {
  readonly index: MatchIndex;
  hasWork(): boolean;
  /** Does the next step, announced changes first. A step that throws is repeated. */
  step(): Promise<void>;
  /** Starts a full comparison, after the one in progress if there is one. */
  compareAll(): void;
  announce(pipelineId: string): void;
  /** Time since the last full comparison began, ms; Infinity before the first. */
  ageMs(): number;
}

export function createPipelineLoader(options: PipelineLoaderOptions): PipelineLoader {
  const { monotonicMs, onChanged } = options;
  const index = new MatchIndex();
  const refreshPage = createRefresh(index, options);
  const refresh: Refresh = async (ids) => {
    await refreshPage(ids);
    // Collect here, where nothing references the page any more.
    if (ids.length === PIPELINES_PER_PAGE) options.collectYoung();
  };
  const announced = new Set<string>();
  const comparison = createComparison(index, refresh, options);

  const refreshAnnounced = async (): Promise<void> => {
    const startedAtMs = monotonicMs();
    const ids: string[] = [];
    for (const id of announced) if (ids.push(id) >= PIPELINES_PER_PAGE) break;
    // Cleared before loading: a change announced meanwhile may be newer than the answer.
    for (const id of ids) announced.delete(id);
    comparison.disturb();
    try {
      await refresh(ids);
    } catch (error) {
      for (const id of ids) announced.add(id);
      throw error;
    }
    onChanged({ pipelines: ids.length, seconds: (monotonicMs() - startedAtMs) / 1_000 });
  };

  return {
    index,
    hasWork: () => announced.size > 0 || comparison.hasWork(),
    compareAll: comparison.request,
    announce(pipelineId) {
      if (announced.size < MAX_ANNOUNCED) announced.add(pipelineId);
      else comparison.request();
    },
    async step() {
      if (announced.size > 0) return refreshAnnounced();
      await comparison.step();
      // Dead rows survive a collection while an old object still references them.
      options.collectYoung();
    },
    ageMs: comparison.ageMs,
  };
}

type Refresh = (ids: readonly string[]) => Promise<void>;

/**
 * Brings the index up to date with the database for the given pipelines. The work is cut into slices so that matching
 * continues in between.
 */
function createRefresh(index: MatchIndex, options: PipelineLoaderOptions): Refresh {
  const { pipelines, monotonicMs, yieldToLoop } = options;
  const share = createPartSharing();
  return async (ids) => {
    if (ids.length === 0) return;
    const missing = new Set(ids);
    const loaded = await pipelines.loadByIds(ids);
    const slices = createSlices(monotonicMs, yieldToLoop);
    for (const pipeline of loaded) {
      missing.delete(pipeline.id);
      if (index.get(pipeline.id)?.version !== pipeline.version) index.set(share(pipeline));
      await slices.next();
    }
    for (const id of missing) {
      index.delete(id);
      await slices.next();
    }
  };
}

/** A comparison in progress. */
interface Progress {
  readonly startedAtMs: number;
  /** Last id of the previous page; null at the beginning. */
  after: string | null;
  listed: number;
  changed: number;
  /** True when announced changes were loaded in between: the counts may then differ. */
  isDisturbed: boolean;
}

/** The safety net: lists all ids and versions page by page and loads only what differs. */
function createComparison(index: MatchIndex, refresh: Refresh, options: PipelineLoaderOptions) {
  const { pipelines, monotonicMs, onLoaded } = options;
  let progress: Progress | null = null;
  let isRequested = false;
  let comparedAtMs: number | null = null;

  const comparePage = async (current: Progress): Promise<void> => {
    const versions = await pipelines.listActiveVersions(current.after, VERSIONS_PER_PAGE);
    const differing = versions.filter(({ id, version }) => index.get(id)?.version !== version).map(({ id }) => id);
    for (let from = 0; from < differing.length; from += PIPELINES_PER_PAGE) {
      await refresh(differing.slice(from, from + PIPELINES_PER_PAGE));
    }
    current.changed += differing.length;
    current.listed += versions.length;
    current.after = versions.at(-1)?.id ?? current.after;
    if (versions.length < VERSIONS_PER_PAGE) await finish(current);
  };

  /** Every listed pipeline is in the index. If the index has more, some of them are no longer active. */
  const finish = async (current: Progress): Promise<void> => {
    if (current.isDisturbed || index.size !== current.listed) {
      for (const ids of inPages(index.all(), VERSIONS_PER_PAGE)) await refresh(await pipelines.findInactive(ids));
    }
    progress = null;
    comparedAtMs = current.startedAtMs;
    const seconds = (monotonicMs() - current.startedAtMs) / 1_000;
    onLoaded({ pipelines: index.size, changed: current.changed, seconds });
  };

  return {
    hasWork: (): boolean => isRequested || progress !== null,
    request: (): void => void (isRequested = true),
    disturb: (): void => void (progress !== null && (progress.isDisturbed = true)),
    async step(): Promise<void> {
      if (progress === null) {
        isRequested = false;
        progress = { startedAtMs: monotonicMs(), after: null, listed: 0, changed: 0, isDisturbed: false };
      }
      await comparePage(progress);
    },
    ageMs: (): number => (comparedAtMs === null ? Infinity : monotonicMs() - comparedAtMs),
  };
}

function* inPages(pipelines: Iterable<Pipeline>, size: number): Generator<string[]> {
  let ids: string[] = [];
  for (const { id } of pipelines) {
    if (ids.push(id) < size) continue;
    yield ids;
    ids = [];
  }
  if (ids.length > 0) yield ids;
}
