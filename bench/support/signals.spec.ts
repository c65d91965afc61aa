import { decodeSignal } from '@tripline/contracts';

import { benchSignalId, encodeSignal, indexOfSignal, signalTypeOf, tickerOf, traceparentOf } from './signals';

describe('bench signals', () => {
  it('are valid and have their index in their ids', () => {
    const id = benchSignalId(1_234_567, 3);
    const value = encodeSignal({
      id,
      signalType: signalTypeOf(4),
      ticker: tickerOf(17),
      confidence: 42.5,
      timestamp: '2026-01-01T00:00:00.000Z',
    });
    expect(decodeSignal(Buffer.from(value))).toMatchObject({
      ok: true,
      signal: { signalId: id, signalType: 'type_4' },
    });
    expect(indexOfSignal(id)).toBe(1_234_567);
    expect(traceparentOf(9)).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  });
});
