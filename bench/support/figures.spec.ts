import { renderFigures, replaceFigures } from './figures';

const MACHINE = { cpu: 'A CPU', cores: 2, memoryGiB: 24, node: '24.0.0' };
const RESULT = {
  name: 'x',
  figure: 61_234,
  unit: 'signals/s',
  ceiling: 110_000,
  ratio: 0.5567,
  goal: '≥ 0.5',
  met: true,
};

describe('the figures in the document', () => {
  it('are listed in a table with the machine and its load', () => {
    const text = renderFigures([{ ...RESULT, load: 0.1 }], MACHINE, '2026-01-01');
    expect(text).toContain('Measured 2026-01-01 on 2 cores (A CPU), 24 GiB, Node 24.0.0');
    expect(text).toContain('| `x` | 61,234 signals/s | 110,000 | 0.56 | ≥ 0.5 | yes | 0.1 |');
  });

  it('include each load of the latency bench and the scrape', () => {
    const load = { ratePerSecond: 1_000, p50: 9, p95: 21.5, p99: 30, bareP95: 18, ratio: 1.19, goalP95: 30 };
    const latency = { ...RESULT, name: 'latency', loads: [{ ...load, stretches: { publish: 4, claim: 3 } }] };
    const telemetry = { ...RESULT, name: 'telemetry', series: 5_005, scrapeP50: 3, scrapeP95: 4, scrapeP99: 5 };
    const text = renderFigures([latency, telemetry], MACHINE, '2026-01-01');
    expect(text).toContain('| 1,000/s | 9 | 21.5 | 30 | 18 | 1.19 | 30 | publish 4, claim 3 |');
    expect(text).toContain('a scrape of 5005 series takes 3 ms (p50), 4 (p95), 5 (p99)');
  });

  it('replace the previous figures and require the markers', () => {
    const before = 'a\n<!-- figures: written by `npm run bench -- all --write` -->\nold\n<!-- end of figures -->\nb\n';
    const after = replaceFigures(before, 'new');
    expect(after).toBe(before.replace('\nold\n', '\n\nnew\n\n'));
    expect(() => replaceFigures('nothing', 'new')).toThrow('the document has no');
  });
});
