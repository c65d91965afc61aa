import { ConfigError } from '@tripline/runtime';

import { loadConfig } from './config';

const ENV = { REDIS_URL: 'redis://localhost:6379', DATABASE_URL: 'postgresql://u:p@localhost:5432/tripline' };

describe('loadConfig', () => {
  it('has a default for everything except the server addresses', () => {
    expect(loadConfig(ENV).worker).toMatchObject({
      concurrency: 100,
      leaseMs: 9_000,
      feeModel: { slippageBps: 2, minFee: '1' },
    });
  });

  it.each([
    ['WORKER_CONCURRENCY', '0'],
    ['LEASE_DURATION', '1s'],
    ['PAPER_FEE_BPS', 'cheap'],
    ['MOCK_START', 'yesterday'],
    ['HISTORY_CSV', 'M&M=/data/m.csv'],
    ['REDIS_URL', 'http://localhost'],
  ])('rejects %s=%s and names the variable', (variable, value) => {
    expect(() => loadConfig({ ...ENV, [variable]: value })).toThrow(ConfigError);
    expect(() => loadConfig({ ...ENV, [variable]: value })).toThrow(new RegExp(variable));
  });

  it('binds the broker to named venues and rejects a broker without venues', () => {
    const env = { ...ENV, BROKER_URL: 'https://broker.test' };
    expect(loadConfig({ ...env, BROKER_VENUES: 'alpha,beta' }).worker.broker?.venues).toEqual(['alpha', 'beta']);
    for (const venues of [undefined, 'paper', 'alpha,paper-x', 'Alpha']) {
      expect(() => loadConfig({ ...env, BROKER_VENUES: venues })).toThrow(/BROKER_VENUES/);
    }
  });
});
