import { ConfigError } from '@tripline/runtime';

import { loadConfig } from './config';

const ENV = { KAFKA_BROKERS: 'localhost:9092' };

describe('loadConfig', () => {
  it('replays the bundled history as fast as possible unless told otherwise', () => {
    const { generator } = loadConfig(ENV);
    expect(generator).toMatchObject({ topic: 'trading-signals', feeds: ['history'], history: { speed: 'max' } });
    expect(generator.history.files.map(({ ticker }) => ticker)).toEqual(['^SPX', undefined]);
  });

  it('accepts files with and without a ticker', () => {
    const { generator } = loadConfig({ ...ENV, HISTORY_CSV: 'BTC-USD=/data/btc.csv, /data/many.csv' });
    expect(generator.history.files).toEqual([
      { ticker: 'BTC-USD', path: '/data/btc.csv' },
      { ticker: undefined, path: '/data/many.csv' },
    ]);
  });

  it.each([
    ['realtime', 1],
    ['86400', 86_400],
    ['max', 'max'],
  ])('accepts the speed %s', (text, speed) => {
    expect(loadConfig({ ...ENV, REPLAY_SPEED: text }).generator.history.speed).toBe(speed);
  });

  it('names the characters that a ticker may contain', () => {
    const rule = 'a ticker has 1 to 32 upper-case letters, digits or ^ . - _ / =';
    for (const wrong of [{ HISTORY_CSV: 'M&M=/data/m.csv' }, { MOCK_TICKERS: 'BTC/USDT:USDT' }]) {
      expect(() => loadConfig({ ...ENV, ...wrong })).toThrow(rule);
    }
  });

  it.each([
    ['REPLAY_SPEED', '-1'],
    ['FEEDS', 'history,magic'],
    ['GENERATORS', 'crystal_ball'],
    ['MOCK_RATE_PER_SECOND', '0'],
    ['MOCK_TIMEFRAME', 'soon'],
    ['KAFKA_BROKERS', ' '],
    ['HISTORY_CSV', 'M&M=/data/m.csv'],
    ['MOCK_TICKERS', 'MOCK-01,btc/usdt'],
  ])('rejects %s=%s and names the variable', (variable, value) => {
    expect(() => loadConfig({ ...ENV, [variable]: value })).toThrow(ConfigError);
    expect(() => loadConfig({ ...ENV, [variable]: value })).toThrow(new RegExp(variable));
  });
});
