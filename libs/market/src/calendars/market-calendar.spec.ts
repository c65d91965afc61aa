import * as fc from 'fast-check';

import { MARKET_SESSIONS } from './market-session';
import { marketCalendar, MARKET_CALENDARS } from './market-calendars';
import type { MarketCalendar } from './market-calendar';

function calendar(id: string): MarketCalendar {
  const found = marketCalendar(id);
  if (found === null) throw new Error(`no calendar ${id}`);
  return found;
}
const ms = (text: string): number => Date.parse(text);
const iso = (epochMs: number | undefined): string | undefined =>
  epochMs === undefined ? undefined : new Date(epochMs).toISOString();

describe('marketCalendar', () => {
  it('knows exactly the listed calendars, by id and with a title', () => {
    for (const id of MARKET_CALENDARS) expect(calendar(id)).toMatchObject({ id, title: expect.any(String) as string });
    expect(marketCalendar('XXXX')).toBeNull();
    expect(marketCalendar('xnys')).toBeNull();
  });

  it('returns the same calendar each time, so that its tables are created once', () => {
    expect(marketCalendar('XNYS')).toBe(marketCalendar('XNYS'));
  });
});

describe('stateAt of XNYS', () => {
  const xnys = calendar('XNYS');

  it('is open from the opening bell on and closed from the closing bell on', () => {
    const open = { open: true, reason: 'open', closesAt: ms('2026-03-09T20:00:00Z'), covered: true };
    expect(xnys.stateAt(ms('2026-03-09T13:29:59.999Z'), 'regular')).toMatchObject({
      open: false,
      reason: 'market_closed',
      opensAt: ms('2026-03-09T13:30:00Z'),
    });
    expect(xnys.stateAt(ms('2026-03-09T13:30:00Z'), 'regular')).toEqual(open);
    expect(xnys.stateAt(ms('2026-03-09T19:59:59.999Z'), 'regular')).toEqual(open);
    expect(xnys.stateAt(ms('2026-03-09T20:00:00Z'), 'regular')).toMatchObject({ open: false, reason: 'market_closed' });
  });

  it('keeps New York hours across both daylight-saving changes', () => {
    const opens = ['2026-03-06', '2026-03-09', '2026-10-30', '2026-11-02'].map((day) =>
      iso(xnys.sessionsBetween(ms(day), ms(day) + 86_400_000)[0]?.opensAt),
    );
    expect(opens).toEqual([
      '2026-03-06T14:30:00.000Z',
      '2026-03-09T13:30:00.000Z',
      '2026-10-30T13:30:00.000Z',
      '2026-11-02T14:30:00.000Z',
    ]);
  });

  it('trades from 4:00 to 20:00 in the extended session, and to 17:00 after an early close', () => {
    expect(xnys.stateAt(ms('2026-11-27T09:00:00Z'), 'extended')).toEqual({
      open: true,
      reason: 'open',
      closesAt: ms('2026-11-27T22:00:00Z'),
      covered: true,
    });
    expect(xnys.stateAt(ms('2026-11-25T09:00:00Z'), 'extended').closesAt).toBe(ms('2026-11-26T01:00:00Z'));
  });

  it('names a holiday for the whole day of the exchange, and when trading resumes', () => {
    const christmas = {
      open: false,
      reason: 'market_holiday',
      holiday: 'Christmas',
      opensAt: ms('2026-12-28T14:30:00Z'),
    };
    expect(xnys.stateAt(ms('2026-12-25T05:00:00Z'), 'regular')).toMatchObject(christmas);
    expect(xnys.stateAt(ms('2026-12-25T18:00:00Z'), 'regular')).toMatchObject(christmas);
    expect(xnys.stateAt(ms('2026-12-26T05:00:00Z'), 'regular')).toMatchObject({ reason: 'market_closed' });
  });

  it('names the early close until the usual closing time', () => {
    const at = (time: string) => xnys.stateAt(ms(`2026-11-27T${time}:00Z`), 'regular');
    expect(at('17:59')).toMatchObject({ open: true, closesAt: ms('2026-11-27T18:00:00Z') });
    expect(at('18:00')).toMatchObject({ reason: 'market_holiday', holiday: 'Day after Thanksgiving' });
    expect(at('21:00')).toMatchObject({ reason: 'market_closed' });
  });

  it('names the late open from the usual opening time', () => {
    const at = (time: string) => xnys.stateAt(ms(`2002-09-11T${time}:00Z`), 'regular');
    expect([at('13:29').reason, at('13:30').reason, at('15:59').reason, at('16:00').reason]).toEqual([
      'market_closed',
      'market_holiday',
      'market_holiday',
      'open',
    ]);
  });

  it.each([
    ['2001-09-11', 'Attack of September 11'],
    ['2012-10-30', 'Hurricane Sandy'],
    ['2025-01-09', 'Mourning for Jimmy Carter'],
    ['2027-06-18', 'Juneteenth'],
    ['2026-07-03', 'Independence Day'],
    ['2023-01-02', "New Year's Day"],
    ['2026-04-03', 'Good Friday'],
    ['2100-11-25', 'Thanksgiving'],
  ])('is closed on %s: %s', (day, holiday) => {
    expect(xnys.stateAt(ms(`${day}T17:00:00Z`), 'regular')).toMatchObject({ reason: 'market_holiday', holiday });
  });

  it.each(['2021-12-31', '2010-12-31', '1997-01-20', '2021-06-18', '2026-10-12', '2026-11-11'])(
    'trades on %s, which is not a holiday of the exchange',
    (day) => expect(xnys.stateAt(ms(`${day}T17:00:00Z`), 'regular').open).toBe(true),
  );

  it('uses weekday hours outside its covered years, and says so', () => {
    expect(xnys.stateAt(ms('1980-12-25T17:00:00Z'), 'regular')).toMatchObject({ open: true, covered: false });
    expect(xnys.stateAt(ms('2101-12-25T17:00:00Z'), 'regular').covered).toBe(false);
    expect(xnys.stateAt(ms('2100-12-23T15:00:00Z'), 'regular')).toMatchObject({ open: true, covered: true });
  });

  it('rejects an invalid time', () => {
    for (const bad of [NaN, Infinity, -Infinity, 1e18]) expect(() => xnys.stateAt(bad, 'regular')).toThrow(RangeError);
  });
});

describe('stateAt of the others', () => {
  it('has no close in a market that is always open', () => {
    expect(calendar('24x7').stateAt(ms('2026-12-25T00:00:00Z'), 'regular')).toEqual({
      open: true,
      reason: 'open',
      covered: true,
    });
  });

  it('opens foreign exchange on Sunday and closes it on Friday, 17:00 in New York, summer and winter', () => {
    const fx = calendar('FX');
    const state = (text: string) => fx.stateAt(ms(text), 'regular');
    expect(state('2026-01-11T21:59:59Z')).toMatchObject({ open: false, opensAt: ms('2026-01-11T22:00:00Z') });
    expect(state('2026-01-11T22:00:00Z')).toMatchObject({ open: true, closesAt: ms('2026-01-16T22:00:00Z') });
    expect(state('2026-07-10T20:59:59Z').open).toBe(true);
    expect(state('2026-07-10T21:00:00Z')).toMatchObject({ open: false, opensAt: ms('2026-07-12T21:00:00Z') });
    // The week in which daylight saving changes ends at the new hour.
    expect(state('2026-03-08T21:00:00Z')).toMatchObject({ open: true, closesAt: ms('2026-03-13T21:00:00Z') });
  });

  it('closes Xetra early on the last trading day of the year', () => {
    const xetr = calendar('XETR');
    expect(xetr.stateAt(ms('2026-12-30T12:59:00Z'), 'regular').open).toBe(true);
    expect(xetr.stateAt(ms('2026-12-30T13:00:00Z'), 'regular')).toMatchObject({ reason: 'market_holiday' });
    expect(xetr.stateAt(ms('2026-12-31T12:00:00Z'), 'regular')).toMatchObject({ holiday: "New Year's Eve" });
    expect(xetr.stateAt(ms('2022-06-06T12:00:00Z'), 'regular').open).toBe(true);
    expect(xetr.stateAt(ms('2021-05-24T12:00:00Z'), 'regular')).toMatchObject({ holiday: 'Whit Monday' });
  });

  it('holds an hour of trading on Diwali in India, and pauses around the regular session', () => {
    const xnse = calendar('XNSE');
    expect(xnse.stateAt(ms('2025-10-21T06:00:00Z'), 'regular')).toMatchObject({ reason: 'market_holiday' });
    expect(xnse.stateAt(ms('2025-10-21T08:15:00Z'), 'regular').open).toBe(true);
    expect(xnse.stateAt(ms('2026-01-05T10:05:00Z'), 'extended')).toMatchObject({
      open: false,
      opensAt: ms('2026-01-05T10:10:00Z'),
    });
    expect(xnse.stateAt(ms('2027-08-16T05:00:00Z'), 'regular')).toMatchObject({ open: true, covered: false });
  });
});

describe('every calendar', () => {
  const times = fc.integer({ min: ms('1985-01-01'), max: ms('2105-01-01') });

  it.each(MARKET_CALENDARS)('agrees with its sessions and gives the correct next change: %s', (id) => {
    const it = calendar(id);
    fc.assert(
      fc.property(times, fc.constantFrom(...MARKET_SESSIONS), (at, kind) => {
        const state = it.stateAt(at, kind);
        const [session] = it.sessionsBetween(at, at + 1, kind);
        expect(state.open).toBe(session !== undefined);
        const change = state.opensAt ?? state.closesAt;
        if (change === undefined) return;
        expect(change).toBeGreaterThan(at);
        expect(it.stateAt(change - 1, kind).open).toBe(state.open);
        expect(it.stateAt(change, kind).open).toBe(!state.open);
      }),
    );
  });

  it.each(MARKET_CALENDARS)('has sessions in order that do not overlap: %s', (id) => {
    for (const kind of MARKET_SESSIONS) {
      const sessions = calendar(id).sessionsBetween(ms('2009-12-01'), ms('2013-02-01'), kind);
      expect(sessions.length).toBeGreaterThan(150);
      sessions.forEach(({ opensAt, closesAt }, index) => {
        expect(closesAt).toBeGreaterThan(opensAt);
        expect(opensAt).toBeGreaterThanOrEqual(sessions[index - 1]?.closesAt ?? 0);
      });
    }
  });
});
