import { testInfra } from './test-infra';
import { uniqueName } from './unique-name';

describe('testInfra', () => {
  it('reads the three servers', () => {
    const infra = testInfra({
      KAFKA_BROKERS: 'a:9092, b:9092',
      REDIS_URL: 'redis://localhost:6379',
      DATABASE_URL: 'postgres://localhost/x',
    });
    expect(infra).toEqual({
      kafkaBrokers: ['a:9092', 'b:9092'],
      redisUrl: 'redis://localhost:6379',
      databaseUrl: 'postgres://localhost/x',
    });
  });

  it('names what is missing and the command that provides it', () => {
    expect(() => testInfra({ REDIS_URL: 'redis://localhost:6379', DATABASE_URL: ' ' })).toThrow(
      /KAFKA_BROKERS, DATABASE_URL.*npm test.*npm run infra/,
    );
  });
});

describe('uniqueName', () => {
  it('gives unique names that every server accepts', () => {
    const names = Array.from({ length: 100 }, () =>
      uniqueName('Orders: int.spec with a rather long prefix that is cut'),
    );
    expect(new Set(names).size).toBe(100);
    for (const name of names) expect(name).toMatch(/^[a-z0-9_]{1,63}$/);
  });
});
