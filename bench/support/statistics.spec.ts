import { median, round, rounded, summarise } from './statistics';

describe('the arithmetic of the benches', () => {
  it('takes the middle of the values in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 3])).toBe(4);
    expect(median([])).toBeNaN();
  });

  it('takes the median of the ratios of the runs, not the ratio of the medians', () => {
    const runs = [
      { figure: 100, ceiling: 200 },
      { figure: 30, ceiling: 40 },
      { figure: 90, ceiling: 300 },
    ];
    expect(summarise(runs)).toEqual({ figure: 90, ceiling: 200, ratio: 0.5, ratios: [0.5, 0.75, 0.3] });
  });

  it('prints small values to three digits and large values as whole numbers', () => {
    expect([0.123456, 12.3456, 999.9, 123456.7].map(round)).toEqual([0.123, 12.3, 1000, 123457]);
    const result = {
      name: 'x',
      figure: 1.23456,
      unit: 's',
      ceiling: 2,
      ratio: 0.61728,
      goal: '',
      met: true,
      p50: 1.0001,
    };
    expect(rounded(result)).toMatchObject({ name: 'x', figure: 1.23, ratio: 0.617, met: true, p50: 1 });
  });
});
