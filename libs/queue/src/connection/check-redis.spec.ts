import { parseRedisInfo, refuseUnfit } from './check-redis';

const info = (fields: Record<string, string>) =>
  ['# Server', 'redis_version:7.0.15', ...Object.entries(fields).map(([name, value]) => `${name}:${value}`)].join(
    '\r\n',
  );
const facts = (fields: Record<string, string>) =>
  parseRedisInfo(info({ role: 'master', maxmemory: '0', maxmemory_policy: 'noeviction', ...fields }));

describe('the check of a Redis server', () => {
  it('reads the facts from INFO', () => {
    expect(facts({ maxmemory: '1048576' })).toEqual({
      version: '7.0.15',
      role: 'master',
      maxmemoryPolicy: 'noeviction',
      maxmemoryBytes: 1_048_576,
    });
  });

  it('accepts a master that evicts no keys', () => {
    expect(() => refuseUnfit(facts({}))).not.toThrow();
  });

  it.each([
    [{ maxmemory_policy: 'allkeys-lru' }, 'evicts_keys'],
    [{ maxmemory_policy: 'volatile-ttl' }, 'evicts_keys'],
    [{ role: 'slave' }, 'is_replica'],
    [{ maxmemory_policy: '' }, 'unknown_policy'],
  ])('rejects %j', (fields: Record<string, string>, reason) => {
    expect(() => refuseUnfit(facts(fields))).toThrow(expect.objectContaining({ reason }));
  });
});
