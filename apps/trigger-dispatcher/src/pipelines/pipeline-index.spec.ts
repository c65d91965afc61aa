import type { Pipeline } from '@tripline/triggers';
import { buildPipeline, buildSignal, eventually } from '@tripline/testing';
import { setImmediate } from 'node:timers/promises';

import { createPipelineIndex } from './pipeline-index';

/** Pipelines as the database would hold them; `onQuery` is called before each answer. */
function createHarness(pipelines: readonly Pipeline[] = []) {
  const rows = new Map(pipelines.map((pipeline) => [pipeline.id, pipeline]));
  const queries: string[] = [];
  const failures: unknown[] = [];
  const hooks = { onQuery: (_name: string): void | Promise<void> => undefined };
  let nowMs = 0;
  let yields = 0;
  const isActive = (id: string): boolean => rows.get(id)?.isActive ?? false;
  const asked = async (name: string): Promise<void> => {
    queries.push(name);
    await hooks.onQuery(name);
  };
  const index = createPipelineIndex({
    pipelines: {
      async listActiveVersions(after, limit) {
        await asked('list');
        const ids = [...rows.keys()].filter((id) => isActive(id) && (after === null || id > after)).sort();
        return ids.slice(0, limit).map((id) => ({ id, version: rows.get(id)?.version ?? 0 }));
      },
      async findInactive(ids) {
        await asked('inactive');
        return ids.filter((id) => !isActive(id));
      },
      async loadByIds(ids) {
        await asked('load');
        const found = ids.flatMap((id) => rows.get(id) ?? []);
        await hooks.onQuery('loaded');
        return found;
      },
    },
    reloadIntervalMs: 60_000,
    monotonicMs: () => (nowMs += 0.5),
    yieldToLoop: async () => {
      yields += 1;
      await setImmediate();
    },
    collectYoung: () => undefined,
    onLoaded: () => undefined,
    onChanged: () => undefined,
    onLoadFailed: (error) => failures.push(error),
  });
  const matched = (): string[] =>
    index
      .current()
      .match(buildSignal())
      .map((match) => match.pipeline.id)
      .sort();
  return {
    index,
    rows,
    queries,
    failures,
    hooks,
    matched,
    yields: () => yields,
    advance: (ms: number) => (nowMs += ms),
  };
}

describe('createPipelineIndex', () => {
  it('does nothing until started, then matches against the loaded pipelines', async () => {
    const pipeline = buildPipeline();
    const harness = createHarness([pipeline]);
    expect(harness.queries).toEqual([]);
    expect(harness.index.ageMs()).toBe(Infinity);
    await harness.index.start();
    expect(harness.matched()).toEqual([pipeline.id]);
    await harness.index.stop();
  });

  it('fails to start when the pipelines cannot be loaded, because signals must not match against an empty index', async () => {
    const harness = createHarness();
    harness.hooks.onQuery = () => Promise.reject(new Error('database away'));
    await expect(harness.index.start()).rejects.toThrow('database away');
    await harness.index.stop();
  });

  it('loads only changed pipelines, in one batch, and removes deleted or inactive ones', async () => {
    const [kept, edited, removed, switchedOff] = [buildPipeline(), buildPipeline(), buildPipeline(), buildPipeline()];
    const added = buildPipeline();
    const harness = createHarness([kept, edited, removed, switchedOff]);
    await harness.index.start();
    harness.queries.length = 0;
    harness.rows.set(added.id, added);
    harness.rows.set(edited.id, { ...edited, version: 2, name: 'edited' });
    harness.rows.set(switchedOff.id, { ...switchedOff, version: 2, isActive: false });
    harness.rows.delete(removed.id);
    for (const { id } of [added, edited, removed, switchedOff]) harness.index.invalidate(id);
    await eventually(() => expect(harness.matched()).toEqual([kept.id, edited.id, added.id].sort()));
    expect(harness.index.current().get(edited.id)?.name).toBe('edited');
    expect(harness.queries).toEqual(['load']);
    await harness.index.stop();
  });

  it('reloads a pipeline that changed during its load', async () => {
    const pipeline = buildPipeline();
    const harness = createHarness([pipeline]);
    await harness.index.start();
    let version = 1;
    const change = (): void => {
      version += 1;
      harness.rows.set(pipeline.id, { ...pipeline, version });
      harness.index.invalidate(pipeline.id);
    };
    harness.hooks.onQuery = (name) => {
      if (name === 'loaded' && version < 5) change();
    };
    change();
    await eventually(() => expect(harness.index.current().get(pipeline.id)?.version).toBe(5));
    await harness.index.stop();
  });

  it('finds unannounced changes by comparison and loads only those', async () => {
    const known = Array.from({ length: 1_500 }, () => buildPipeline());
    const [removed, edited] = [known[3], known[1_200]];
    const missed = buildPipeline();
    const harness = createHarness(known);
    await harness.index.start();
    harness.queries.length = 0;
    harness.rows.delete(removed?.id ?? '');
    harness.rows.set(edited?.id ?? '', { ...buildPipeline(), ...edited, version: 7 });
    harness.rows.set(missed.id, missed);
    harness.index.invalidate(null);
    await eventually(() => expect(harness.index.current().get(edited?.id ?? '')?.version).toBe(7));
    await eventually(() => expect(harness.matched()).toEqual([...harness.rows.keys()].sort()));
    expect(harness.queries.filter((name) => name === 'load').length).toBeLessThanOrEqual(3);
    await harness.index.stop();
  });

  it('yields the event loop while it loads many pipelines', async () => {
    const harness = createHarness(Array.from({ length: 2_000 }, () => buildPipeline()));
    await harness.index.start();
    expect(harness.index.current().size).toBe(2_000);
    expect(harness.yields()).toBeGreaterThanOrEqual(10);
    await harness.index.stop();
  });

  it('keeps the index and its age when loading fails, and loads the announced changes later', async () => {
    const harness = createHarness([buildPipeline()]);
    await harness.index.start();
    harness.advance(500);
    const added = buildPipeline();
    harness.rows.set(added.id, added);
    harness.hooks.onQuery = () => (harness.failures.length < 2 ? Promise.reject(new Error('away')) : undefined);
    harness.index.invalidate(added.id);
    await eventually(() => expect(harness.failures).toHaveLength(2));
    expect(harness.index.ageMs()).toBeGreaterThanOrEqual(500);
    await eventually(() => expect(harness.index.current().size).toBe(2));
    await harness.index.stop();
  });
});
