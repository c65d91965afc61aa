import { LabelGuard } from './label-guard';

function createGuard(limit = 2, histogramLimit = 1) {
  const overflows: string[] = [];
  const guard = new LabelGuard({
    pipelineLabelLimit: limit,
    pipelineHistogramLabelLimit: histogramLimit,
    onOverflow: (metric, label) => overflows.push(`${metric}.${label}`),
  });
  const pipeline = (id: string, type: 'counter' | 'histogram' = 'counter') =>
    guard.apply('m', type, { pipeline_id: 'pipeline' }, { pipeline_id: id })['pipeline_id'];
  return { guard, overflows, pipeline };
}

describe('LabelGuard', () => {
  it('admits the first ids, sends the rest to other, and never changes its mind', () => {
    const { pipeline, overflows } = createGuard();
    expect(['a', 'b', 'c', 'a', 'c', 'b'].map((id) => pipeline(id))).toEqual(['a', 'b', 'other', 'a', 'other', 'b']);
    expect(overflows).toEqual(['m.pipeline_id', 'm.pipeline_id']);
  });

  it('has a smaller limit for histograms', () => {
    const { pipeline } = createGuard();
    expect([pipeline('a', 'histogram'), pipeline('b', 'histogram'), pipeline('b')]).toEqual(['a', 'other', 'b']);
  });

  it('keeps places for preferred pipelines', () => {
    const { guard, pipeline } = createGuard(2, 0);
    guard.preferPipelines(['vip']);
    expect(['a', 'b', 'vip'].map((id) => pipeline(id))).toEqual(['a', 'other', 'vip']);
  });

  it('gives no owner all of the ids, and keeps its answers', () => {
    const { guard } = createGuard(8, 8);
    const admitted = (owner: string, count: number): number => {
      const ids = Array.from({ length: count }, (_, index) => `${owner}-${index}`);
      const labels = ids.map(
        (value) =>
          guard.apply('m', 'counter', { pipeline_id: 'pipeline' }, { pipeline_id: { value, owner } })['pipeline_id'],
      );
      return labels.filter((label) => label !== 'other').length;
    };
    expect(admitted('greedy', 1_000)).toBe(4);
    expect([admitted('second', 1_000), admitted('third', 1_000), admitted('fourth', 1)]).toEqual([2, 1, 1]);
    expect([admitted('greedy', 1_000), admitted('fifth', 1)]).toEqual([4, 0]);
  });

  it('replaces values that a closed list does not hold', () => {
    const { guard, overflows } = createGuard();
    expect(guard.apply('m', 'counter', { status: ['ok'] }, { status: 'made_up' })).toEqual({ status: 'other' });
    expect(overflows).toEqual(['m.status']);
  });

  it('shares the admitted values of a label between metrics', () => {
    const { guard } = createGuard();
    const symbol = (metric: string, value: string) => guard.apply(metric, 'gauge', { symbol: 1 }, { symbol: value });
    expect([symbol('m', 'A'), symbol('n', 'B'), symbol('n', 'A')].map((labels) => labels['symbol'])).toEqual([
      'A',
      'other',
      'A',
    ]);
  });

  it('drops undeclared labels, names missing ones, and repairs and bounds text', () => {
    const { guard } = createGuard();
    const labels = guard.apply('m', 'counter', { a: 5, b: 5 }, { a: `\ud800${'x'.repeat(500)}`, evil: '1' });
    expect(labels).toEqual({ a: `\ufffd${'x'.repeat(127)}`, b: 'unknown' });
  });
});
