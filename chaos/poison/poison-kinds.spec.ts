import { decodeSignal } from '@tripline/contracts';
import { buildSignal } from '@tripline/testing';

import { POISON_KINDS } from './poison-kinds';

const signal = buildSignal();

describe('POISON_KINDS', () => {
  it('has forty kinds with distinct names', () => {
    expect(new Set(POISON_KINDS.map(({ name }) => name)).size).toBe(40);
  });

  it.each(POISON_KINDS.map((kind) => [kind.name, kind] as const))('%s is an invalid signal', (_, kind) => {
    expect(decodeSignal(kind.make(signal)).ok).toBe(false);
  });
});
