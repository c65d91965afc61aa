import { createMulberry32 } from './mulberry32';

describe('createMulberry32', () => {
  it('gives the published values of seed 0', () => {
    const random = createMulberry32(0);
    const bits = Array.from({ length: 3 }, () => Math.round(random() * 2 ** 32));
    expect(bits).toEqual([1144304738, 1416247, 958946056]);
  });

  it('repeats itself for the same seed and is uniform', () => {
    const [one, other] = [createMulberry32(7), createMulberry32(7)];
    const values = Array.from({ length: 10_000 }, () => one());
    expect(values.every((value) => value === other() && value >= 0 && value < 1)).toBe(true);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
  });
});
