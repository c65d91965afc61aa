import { pipelineMatches, type Signal } from '@tripline/triggers';
import { buildPipeline, buildSignal } from '@tripline/testing';

import { BUNDLED_TICKERS, createDemoUsers, type DemoTickers, type DemoUser } from './demo-data';

/** Tickers of every active pipeline that is started by signals, scanners included. */
function watched(users: readonly DemoUser[]): string[][] {
  return users.flatMap(({ pipelines, scanners }) =>
    pipelines
      .filter(({ input }) => input.is_active && input.trigger_mode === 'signal')
      .map(({ input, scanner }) => [
        ...input.tickers,
        ...(scanners.find(({ name }) => name === scanner)?.tickers ?? []),
      ]),
  );
}
const names = (tickers: DemoTickers): string[] =>
  createDemoUsers(tickers).flatMap(({ pipelines }) => pipelines.map(({ input }) => input.name));
const own = (...history: string[]): DemoTickers => ({ ...BUNDLED_TICKERS, history });

describe('createDemoUsers', () => {
  it('watches the tickers of the bundled history', () => {
    const tickers = new Set(watched(createDemoUsers(BUNDLED_TICKERS)).flat());
    expect([...tickers].sort()).toEqual(['AAPL', 'AMZN', 'GOOG', 'IBM', 'MOCK-01', 'MOCK-02', 'MSFT', '^SPX']);
  });

  it('watches the tickers of the user’s own history instead', () => {
    const lists = watched(createDemoUsers(own('EURUSD', 'GBPUSD')));
    expect(new Set(lists.flat())).toEqual(new Set(['EURUSD', 'GBPUSD', 'MOCK-01', 'MOCK-02']));
  });

  it('has a pipeline that triggers on any signal of the user’s own tickers', () => {
    const signal: Signal = buildSignal({ tickers: [{ ticker: 'EURUSD', signal: 'BEARISH', confidence: 1 }] });
    const everything = watched(createDemoUsers(own('EURUSD'))).filter((tickers) => tickers.includes('EURUSD'));
    expect(everything.some((tickers) => pipelineMatches(buildPipeline({ tickers }), signal) !== null)).toBe(true);
  });

  it('watches every ticker of MOCK_TICKERS', () => {
    const lists = watched(createDemoUsers({ history: null, mock: ['AAA', 'BBB', 'CCC'] }));
    expect(lists).toContainEqual(['AAA', 'BBB', 'CCC']);
  });

  it('names pipelines by their tickers, so that pipelines for other data do not clash', () => {
    const [bundled, first, second] = [names(BUNDLED_TICKERS), names(own('EURUSD')), names(own('GOOG'))];
    const shared = first.filter((name) => bundled.includes(name) || second.includes(name));
    expect(shared).toEqual(['Mock load']);
  });

  it('stays within the pipeline limits for any number of tickers', () => {
    const many = Array.from({ length: 501 }, (_, n) => `TICKER-WITH-A-LONG-NAME-${n}`);
    const users = createDemoUsers(own(...many));
    expect(watched(users)).toContainEqual(['*']);
    expect(users.flatMap(({ scanners }) => scanners.map(({ tickers }) => tickers.length))).toEqual([500, 500]);
    expect(watched(createDemoUsers(own(...many.slice(1))))[0]).toHaveLength(500);
  });
});
