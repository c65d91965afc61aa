import { GENERATED_SIGNAL_TYPES } from '@tripline/market';
import { signalTypeLabel } from './signal-type-label';

describe('signalTypeLabel', () => {
  it("returns our generators' types unchanged", () => {
    expect(GENERATED_SIGNAL_TYPES.map(signalTypeLabel)).toEqual([...GENERATED_SIGNAL_TYPES]);
  });

  it('maps every other type to one value', () => {
    const labels = Array.from({ length: 1_000 }, (_, index) => signalTypeLabel(`made_up_${index}`));
    expect(new Set(labels)).toEqual(new Set(['custom']));
  });
});
