import { explainUnavailable, planLadder, type MachineFacts } from './ladder';

const BARE: MachineFacts = {
  java: false,
  maven: false,
  kafkaCached: false,
  redisCached: false,
  kcat: false,
  redisServer: false,
  redisBinary: true,
  postgresPackage: true,
  canInstall: false,
};

function rungsOf(component: 'kafka' | 'redis' | 'postgres', facts: Partial<MachineFacts>): string[] {
  return planLadder(component, { ...BARE, ...facts }).rungs.map(({ rung, install }) =>
    [rung, ...install.map((name) => `+${name}`)].join(' '),
  );
}

describe('planLadder', () => {
  it('prefers a real Kafka and falls back to the mock', () => {
    expect(rungsOf('kafka', { java: true, maven: true, kcat: true })).toEqual(['kafka-embedded', 'kafka-mock']);
  });

  it('installs only missing tools, and only where that is allowed', () => {
    expect(rungsOf('kafka', { java: true, canInstall: true })).toEqual(['kafka-embedded +maven', 'kafka-mock +kcat']);
    expect(rungsOf('kafka', { java: true })).toEqual([]);
  });

  it('needs no Maven when Kafka is already in the cache', () => {
    expect(rungsOf('kafka', { java: true, kafkaCached: true })).toEqual(['kafka-embedded']);
    expect(rungsOf('redis', { redisCached: true })).toEqual(['redis-jar']);
  });

  it('names what is missing when nothing is left to try', () => {
    const { missing } = planLadder('kafka', BARE);
    expect(missing).toEqual(['Java 17 or later and `mvn` not found', '`kcat` not found']);
  });

  it('prefers Redis from the PATH, then from Maven Central, then from Debian', () => {
    expect(rungsOf('redis', { redisServer: true, java: true, maven: true, canInstall: true })).toEqual([
      'redis-path',
      'redis-jar',
      'redis-package +redis-server',
    ]);
    expect(rungsOf('redis', { canInstall: true })).toEqual(['redis-package +redis-server']);
  });

  it('skips the Redis jar on platforms it has no binary for', () => {
    expect(rungsOf('redis', { java: true, maven: true, redisBinary: false })).toEqual([]);
  });

  it('provides PostgreSQL only from the platform package', () => {
    expect(rungsOf('postgres', {})).toEqual(['postgres-embedded']);
    expect(planLadder('postgres', { ...BARE, postgresPackage: false }).missing).toHaveLength(1);
  });
});

describe('explainUnavailable', () => {
  it('names what is missing and the three ways to provide it', () => {
    const text = explainUnavailable('kafka', ['`mvn` not found']);
    expect(text).toMatch(/Kafka cannot be provided: `mvn` not found/);
    expect(text).toMatch(/KAFKA_BROKERS=/);
    expect(text).toMatch(/default-jre-headless maven/);
    expect(text).toMatch(/docker compose up -d kafka/);
  });
});
