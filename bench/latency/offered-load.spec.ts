import { isMatching, OFFERED_LOADS, tickersOf } from './offered-load';

describe('the offered loads', () => {
  it.each(OFFERED_LOADS)('start at most 500 executions a second at $ratePerSecond signals a second', (load) => {
    const tickers = tickersOf(load);
    const matching = tickers.filter((_, index) => isMatching(load, index)).length;
    expect(matching / tickers.length).toBeCloseTo(load.matchesPerSignal);
    expect(load.ratePerSecond * load.matchesPerSignal).toBeLessThanOrEqual(500);
    expect(tickers.length).toBe(load.ratePerSecond * 2);
  });
});
