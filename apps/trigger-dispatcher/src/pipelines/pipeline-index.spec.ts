import type { Pipeline } from '@tripline/domain';
import { buildPipeline, buildSignal, eventually } from '@tripline/testing';

import { createPipelineIndex } from './pipeline-index';

function createHarness(loads: (() => Promise<readonly Pipeline[]>)[]) {
  let nowMs = 0;
  let calls = 0;
  const failures: unknown[] = [];
  const index = createPipelineIndex({
    load: () => {
      const load = loads[Math.min(calls, loads.length - 1)];
      calls += 1;
      return load === undefined ? Promise.resolve([]) : load();
    },
    reloadIntervalMs: 60_000,
    monotonicMs: () => nowMs,
    onLoaded: () => undefined,
    onLoadFailed: (error) => failures.push(error),
  });
  return { index, failures, calls: () => calls, advance: (ms: number) => (nowMs += ms) };
}

describe('createPipelineIndex', () => {
  it('does nothing until it is started, and then matches against what it loaded', async () => {
    const pipeline = buildPipeline();
    const harness = createHarness([() => Promise.resolve([pipeline])]);
    expect(harness.calls()).toBe(0);
    expect(harness.index.ageMs()).toBe(Infinity);
    await harness.index.start();
    expect(
      harness.index
        .current()
        .match(buildSignal())
        .map((match) => match.pipeline.id),
    ).toEqual([pipeline.id]);
    await harness.index.stop();
  });

  it('refuses to start without pipelines loaded, rather than match signals against nothing', async () => {
    const harness = createHarness([() => Promise.reject(new Error('database away'))]);
    await expect(harness.index.start()).rejects.toThrow('database away');
    await harness.index.stop();
  });

  it('replaces the snapshot when it is told of a change; a batch keeps the one it began with', async () => {
    const [before, after] = [buildPipeline(), buildPipeline()];
    const harness = createHarness([() => Promise.resolve([before]), () => Promise.resolve([before, after])]);
    await harness.index.start();
    const held = harness.index.current();
    harness.index.invalidate();
    await eventually(() => expect(harness.index.current().size).toBe(2));
    expect(held.size).toBe(1);
    await harness.index.stop();
  });

  it('joins the changes of one reload into one more', async () => {
    let release: () => void = () => undefined;
    const slow = () => new Promise<Pipeline[]>((resolve) => (release = () => resolve([])));
    const harness = createHarness([() => Promise.resolve([]), slow, () => Promise.resolve([buildPipeline()])]);
    await harness.index.start();
    for (let n = 0; n < 50; n += 1) harness.index.invalidate();
    release();
    await eventually(() => expect(harness.index.current().size).toBe(1));
    expect(harness.calls()).toBe(3);
    await harness.index.stop();
  });

  it('keeps the old snapshot and its age when a reload fails', async () => {
    const harness = createHarness([() => Promise.resolve([buildPipeline()]), () => Promise.reject(new Error('away'))]);
    await harness.index.start();
    harness.advance(500);
    harness.index.invalidate();
    await eventually(() => expect(harness.failures).toHaveLength(1));
    expect(harness.index.current().size).toBe(1);
    expect(harness.index.ageMs()).toBe(500);
    await harness.index.stop();
  });
});
