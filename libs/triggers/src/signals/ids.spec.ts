import {
  absenceTriggerIdOf,
  executionIdOf,
  publishedSignalIdOf,
  scheduledTriggerIdOf,
  signalIdOf,
  type SignalIdentity,
} from './ids';

const identity: SignalIdentity = {
  generator: 'golden_cross',
  version: 1,
  ticker: '^SPX',
  timeframe: '1d',
  barEnd: Date.UTC(2019, 3, 2),
  signalType: 'golden_cross',
};
const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('signalIdOf', () => {
  it('is a stable version-5 UUID', () => {
    expect(signalIdOf(identity)).toMatch(UUID_V5);
    expect(signalIdOf(identity)).toBe('1e72bc7e-1406-5fe9-b0f6-05fd52e3dba9');
  });

  it('differs when any part differs', () => {
    const variants: SignalIdentity[] = [
      identity,
      { ...identity, generator: 'death_cross' },
      { ...identity, version: 2 },
      { ...identity, ticker: 'AAPL' },
      { ...identity, timeframe: '1h' },
      { ...identity, barEnd: identity.barEnd + 1 },
      { ...identity, signalType: 'death_cross' },
    ];
    expect(new Set(variants.map(signalIdOf)).size).toBe(variants.length);
  });
});

describe('publishedSignalIdOf', () => {
  const publication = { publisher: '0d1c2b3a-4f5e-4d6c-8b7a-9f8e7d6c5b4a', name: 'k', isShared: false };

  it('is stable', () => {
    expect(publishedSignalIdOf(publication)).toMatch(UUID_V5);
    expect(publishedSignalIdOf(publication)).toBe('60a06423-cb91-5292-a4b5-610330e7037d');
  });

  it('differs by publisher, by name and between private and shared', () => {
    const variants = [
      publication,
      { ...publication, publisher: '1d1c2b3a-4f5e-4d6c-8b7a-9f8e7d6c5b4a' },
      { ...publication, name: 'l' },
      { ...publication, isShared: true },
    ];
    expect(new Set(variants.map(publishedSignalIdOf)).size).toBe(variants.length);
  });

  it('is never the id of a generated signal, for any name', () => {
    const generated = 'golden_cross|1|^SPX|1d|1554163200000|golden_cross';
    const names = [signalIdOf(identity), generated, `|${generated}`];
    for (const name of names) {
      expect(publishedSignalIdOf({ ...publication, name })).not.toBe(signalIdOf(identity));
      expect(publishedSignalIdOf({ publisher: 'golden_cross', name: generated.slice(13), isShared: false })).not.toBe(
        signalIdOf(identity),
      );
    }
  });
});

describe('executionIdOf', () => {
  it('is a stable version-5 UUID of pipeline and trigger', () => {
    expect(executionIdOf('p', 't')).toMatch(UUID_V5);
    expect(executionIdOf('p', 't')).toBe('911af964-c636-5022-bfcd-6546d1e78604');
    expect(executionIdOf('p', 't')).not.toBe(executionIdOf('t', 'p'));
  });
});

describe('scheduledTriggerIdOf', () => {
  it('is a version-5 UUID of pipeline and due time', () => {
    expect(scheduledTriggerIdOf('p', 0)).toMatch(UUID_V5);
    expect(scheduledTriggerIdOf('p', 0)).toBe(scheduledTriggerIdOf('p', 0));
    expect(
      new Set([scheduledTriggerIdOf('p', 0), scheduledTriggerIdOf('p', 1), scheduledTriggerIdOf('q', 0)]).size,
    ).toBe(3);
  });
});

describe('absenceTriggerIdOf', () => {
  it('is a version-5 UUID of pipeline, ticker and the signal that waited', () => {
    const ids = [
      absenceTriggerIdOf('p', '^SPX', 's'),
      absenceTriggerIdOf('q', '^SPX', 's'),
      absenceTriggerIdOf('p', 'AAPL', 's'),
      absenceTriggerIdOf('p', '^SPX', 't'),
    ];
    expect(ids[0]).toMatch(UUID_V5);
    expect(new Set(ids).size).toBe(4);
    expect(absenceTriggerIdOf('p', '^SPX', 's')).toBe(ids[0]);
  });
});
