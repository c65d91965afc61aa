import { decodeSignal } from '@tripline/contracts';
import { buildSignal } from '@tripline/testing';

import { POISON_KINDS } from './poison-kinds';

const signal = buildSignal();

describe('POISON_KINDS', () => {
  it('are forty, each with a name of its own', () => {
    expect(new Set(POISON_KINDS.map(({ name }) => name)).size).toBe(40);
  });

  it.each(POISON_KINDS.map((kind) => [kind.name, kind] as const))('%s is no signal', (_, kind) => {
    expect(decodeSignal(kind.make(signal)).ok).toBe(false);
  });
});
