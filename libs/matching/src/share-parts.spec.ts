import { buildPipeline } from '@tripline/testing';

import { createPartSharing } from './share-parts';

describe('createPartSharing', () => {
  it('changes nothing that can be seen', () => {
    const pipeline = buildPipeline({
      tickers: ['AAPL', 'BTC-*'],
      subscriptions: [{ signalType: 'rsi', minConfidence: 50 }],
      market: { calendar: 'XNYS', session: 'regular' },
    });
    expect(createPartSharing()(pipeline)).toEqual(pipeline);
  });

  it('lets equal parts of different pipelines be one object', () => {
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
