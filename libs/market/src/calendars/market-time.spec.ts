import { nextMarketTime, parseMarketTime } from './market-time';

const next = (calendar: string, at: string, after: string): string =>
  new Date(nextMarketTime({ calendar, at }, Date.parse(after))).toISOString();

describe('parseMarketTime', () => {
  it.each([
    ['open', { anchor: 'open', offsetMs: 0 }],
    ['open+5m', { anchor: 'open', offsetMs: 300_000 }],
    ['close-10m', { anchor: 'close', offsetMs: -600_000 }],
    ['close+1h', { anchor: 'close', offsetMs: 3_600_000 }],
    ['close-0m', { anchor: 'close', offsetMs: 0 }],
    ['open+720m', { anchor: 'open', offsetMs: 43_200_000 }],
  ])('reads %s', (text, expected) => expect(parseMarketTime(text)).toEqual(expected));

  it.each(['', 'noon', 'open5m', 'open +5m', 'open+5', 'open+5s', 'OPEN', 'open+13h', 'open+99999m', 'open+1.5h'])(
    'rejects %p',
    (text) => expect(parseMarketTime(text)).toBeNull(),
  );
});

describe('nextMarketTime', () => {
  it('comes once per session, at the time of the exchange', () => {
    expect(next('XNYS', 'open+5m', '2026-03-06T14:34:59.999Z')).toBe('2026-03-06T14:35:00.000Z');
    expect(next('XNYS', 'open+5m', '2026-03-06T14:35:00Z')).toBe('2026-03-09T13:35:00.000Z');
  });

  it('skips holidays and follows early closes', () => {
    expect(next('XNYS', 'close-10m', '2026-11-25T21:00:00Z')).toBe('2026-11-27T17:50:00.000Z');
    expect(next('XNYS', 'open', '2001-09-10T14:00:00Z')).toBe('2001-09-17T13:30:00.000Z');
  });

  it('comes before the open and after the close', () => {
    expect(next('XNYS', 'open-2h', '2026-03-09T00:00:00Z')).toBe('2026-03-09T11:30:00.000Z');
    expect(next('XNYS', 'close+12h', '2026-03-09T21:00:00Z')).toBe('2026-03-10T08:00:00.000Z');
  });

  it('follows UTC days if the market never closes, and the foreign-exchange week', () => {
    expect(next('24x7', 'close-10m', '2026-03-09T23:50:00Z')).toBe('2026-03-10T23:50:00.000Z');
    expect(next('FX', 'close-10m', '2026-03-09T00:00:00Z')).toBe('2026-03-13T20:50:00.000Z');
  });

  it('rejects an unknown calendar and an invalid time', () => {
    expect(() => next('XXXX', 'open', '2026-03-09T00:00:00Z')).toThrow('unknown market calendar XXXX');
    expect(() => next('XNYS', 'noon', '2026-03-09T00:00:00Z')).toThrow('noon is not a market time');
  });
});
