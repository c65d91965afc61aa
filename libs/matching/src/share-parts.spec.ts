import { buildPipeline } from '@tripline/testing';

import { createPartSharing } from './share-parts';

describe('createPartSharing', () => {
  it('returns pipelines equal to its input', () => {
    const pipeline = buildPipeline({
      tickers: ['AAPL', 'BTC-*'],
      subscriptions: [{ signalType: 'rsi', minConfidence: 50 }],
      market: { calendar: 'XNYS', session: 'regular' },
    });
    expect(createPartSharing()(pipeline)).toEqual(pipeline);
  });

  it('returns one object for equal parts of different pipelines', () => {
    const share = createPartSharing();
    const copy = <Value>(value: Value): Value => structuredClone(value);
    const first = share(copy(buildPipeline({ tickers: ['AAPL'] })));
    const second = share(copy(buildPipeline({ tickers: ['AAPL'] })));
    expect(second.agents).toBe(first.agents);
    expect(second.tickers).toBe(first.tickers);
    expect(second.overlap).toBe(first.overlap);
    expect(second.id).not.toBe(first.id);
  });
});
