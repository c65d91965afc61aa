import { describeWithSharedData, readReference, readSharedJson, readSharedText, readVegaCsv } from '@tripline/testing';
import { isoDay, isWeekend } from './civil-day';
import { marketCalendar } from './market-calendars';

interface MarketHours {
  readonly entries: Record<string, { holidays: string[]; earlyCloses?: Record<string, string> }>;
}

const DAY_MS = 86_400_000;
/** `7/3/2000` as a day number. */
const dayOfText = (text: string): number => {
  const [month = 0, day = 0, year = 0] = text.split('/').map(Number);
  return Date.UTC(year, month - 1, day) / DAY_MS;
};

function sessionsOf(id: string, from: string, to: string) {
  const sessions = marketCalendar(id)?.sessionsBetween(Date.parse(from), Date.parse(to)) ?? [];
  return new Map(sessions.map((session) => [session.day, session]));
}

function weekdaysWithout(days: ReadonlySet<string>, from: string, to: string): string[] {
  const missing: string[] = [];
  for (let day = Date.parse(from) / DAY_MS; day <= Date.parse(to) / DAY_MS; day += 1) {
    if (!isWeekend(day) && !days.has(isoDay(day))) missing.push(isoDay(day));
  }
  return missing;
}

const daysOfCsv = (path: string): string[] =>
  readSharedText(path)
    .split('\n')
    .map((line) => line.slice(0, 10))
    .filter((day) => /^\d{4}-\d{2}-\d{2}$/.test(day));

interface ReferenceHours {
  readonly from: string;
  readonly to: string;
  readonly closed: readonly string[];
  readonly earlyCloses: readonly string[];
}

const REGULAR_HOURS = { XNYS: 6.5, XETR: 8.5 };
const NONE = { onlyOurs: [], onlyTheirs: [] };
const CLOSED_DIFFERENCES = {
  XNYS: NONE,
  XETR: NONE,
  // Two Diwali days with an hour of ceremonial trading, which the reference counts. Moharram of 2013 was moved by circular.
  XNSE: { onlyOurs: ['2011-10-26', '2012-11-13', '2013-11-15'], onlyTheirs: ['2013-11-14'] },
};
const EARLY_CLOSE_DIFFERENCES = {
  // On 2002-09-11 the exchange opened at noon. Sources disagree about 1999-12-31.
  XNYS: { onlyOurs: ['2002-09-11'], onlyTheirs: ['1999-12-31'] },
  XETR: NONE,
};

describe('market hours of exchange_calendars', () => {
  const reference = readReference<Record<'XNYS' | 'XETR' | 'XNSE', ReferenceHours>>('market-hours.json');
  const sessionsWithin = (id: keyof typeof reference) => {
    const { from, to } = reference[id];
    const sessions = [...sessionsOf(id, from, `${to}T23:59:59Z`).values()];
    return sessions.filter(({ day }) => day >= from && day <= to);
  };
  /** An hour of ceremonial trading on a holiday is no trading day in the reference. */
  const tradingDaysOf = (id: keyof typeof reference) =>
    sessionsWithin(id).filter(({ opensAt, closesAt }) => closesAt - opensAt > 2 * 3_600_000);

  it.each(['XNYS', 'XETR', 'XNSE'] as const)('agree on every weekday without trading: %s', (id) => {
    const { from, to, closed } = reference[id];
    const days = new Set(tradingDaysOf(id).map(({ day }) => day));
    const ours = weekdaysWithout(days, from, to);
    expect({
      onlyOurs: ours.filter((day) => !closed.includes(day)),
      onlyTheirs: closed.filter((day) => !ours.includes(day)),
    }).toEqual(CLOSED_DIFFERENCES[id]);
  });

  it.each(['XNYS', 'XETR'] as const)('agree on every early close: %s', (id) => {
    const ours = sessionsWithin(id)
      .filter(({ opensAt, closesAt }) => closesAt - opensAt < REGULAR_HOURS[id] * 3_600_000)
      .map(({ day }) => day);
    const theirs = reference[id].earlyCloses;
    expect({
      onlyOurs: ours.filter((day) => !theirs.includes(day)),
      onlyTheirs: theirs.filter((day) => !ours.includes(day)),
    }).toEqual(EARLY_CLOSE_DIFFERENCES[id]);
  });
});

describe('days with bars of the S&P 500, 2000-01-03 to 2020-04-17', () => {
  it('are the trading days of XNYS', () => {
    const days = readVegaCsv('sp500-2000.csv').trim().split('\n').slice(1);
    expect(days.map((line) => line.slice(0, 10))).toEqual([
      ...sessionsOf('XNYS', '2000-01-03', '2020-04-17T23:00:00Z').keys(),
    ]);
  });
});

describeWithSharedData('published market hours', () => {
  const { entries } = readSharedJson<MarketHours>('reference/market-hours-subset.json');
  const holidaysOf = (key: string): Set<string> =>
    new Set(entries[key]?.holidays.map((text) => isoDay(dayOfText(text))));

  it('agree on every holiday of the New York Stock Exchange, 1998 to 2027', () => {
    const sessions = new Set(sessionsOf('XNYS', '1997-12-31T22:00:00Z', '2028-01-01').keys());
    const published = holidaysOf('Equity-usa-[*]');
    const ours = weekdaysWithout(sessions, '1998-01-01', '2027-12-31');
    const theirs = [...published].filter((day) => day < '2028' && !isWeekend(Date.parse(day) / DAY_MS)).sort();
    expect(ours).toEqual(theirs);
  });

  it('agree on its early closes of 13:00, 1999 to 2026', () => {
    const ours = [...sessionsOf('XNYS', '1999-01-01', '2027-01-01').values()]
      .filter(({ opensAt, closesAt }) => closesAt - opensAt === 3.5 * 3_600_000)
      .map(({ day }) => day);
    const theirs = Object.keys(entries['Equity-usa-[*]']?.earlyCloses ?? {})
      .map((text) => isoDay(dayOfText(text)))
      // A Sunday, and no trading day.
      .filter((day) => day < '2027' && day !== '2017-12-24')
      .sort();
    expect(ours).toEqual(theirs);
  });

  it('agree on every holiday of the National Stock Exchange of India, 2011 to 2020', () => {
    const sessions = sessionsOf('XNSE', '2011-01-01', '2021-01-01');
    const regular = [...sessions.values()].filter(({ opensAt, closesAt }) => closesAt - opensAt > 2 * 3_600_000);
    const theirs = [...holidaysOf('Equity-india-[*]')].filter((day) => day > '2011' && day < '2021');
    expect(weekdaysWithout(new Set(regular.map(({ day }) => day)), '2011-01-01', '2020-12-31')).toEqual(
      // Diwali days, on which only the ceremonial hour was traded, are not all in the published list.
      [...new Set([...theirs, '2012-11-13', '2014-10-23', '2015-11-11', '2017-10-19', '2018-11-07'])].sort(),
    );
  });
});

describeWithSharedData('days with recorded bars', () => {
  it.each([
    ['daily/spy-lean-raw-day.csv', '1998-01-02', '2021-03-31'],
    ['daily/orcl-1995-2014.csv', '1995-01-03', '2014-12-31'],
    ['daily/goog-2004-2013.csv', '2004-08-19', '2013-03-01'],
  ])('are the trading days of XNYS: %s', (path, from, to) => {
    const sessions = [...sessionsOf('XNYS', from, `${to}T23:00:00Z`).keys()];
    expect(daysOfCsv(path)).toEqual(sessions);
    expect(sessions.filter((day) => day >= '2001-09-10' && day <= '2001-09-17')).not.toContain('2001-09-12');
  });

  it('are trading days of XETR: an index of the euro area', () => {
    const sessions = new Set(sessionsOf('XETR', '2005-01-03', '2006-12-29T23:00:00Z').keys());
    const bars = daysOfCsv('daily/eurostoxx50-2005-2006-day.csv');
    expect(bars.filter((day) => !sessions.has(day))).toEqual([]);
  });

  it('are trading days of XNSE: a thinly traded share', () => {
    const sessions = [...sessionsOf('XNSE', '2010-01-04', '2011-12-30T23:00:00Z').values()];
    const bars = new Set(daysOfCsv('daily/india-cccl-2010-2011-day.csv'));
    const ordinary = sessions
      .filter(({ opensAt, closesAt }) => closesAt - opensAt > 2 * 3_600_000)
      .map(({ day }) => day);
    expect([...bars].filter((day) => !ordinary.includes(day))).toEqual([]);
    expect(ordinary.filter((day) => !bars.has(day))).toEqual(['2011-12-27']);
  });
});

describeWithSharedData('recorded minutes', () => {
  it('lie in the extended session of XNYS, and the regular one is traded from bell to bell', () => {
    const minutes = readSharedText('intraday/spy-2013-10-07_11-1min.csv').trim().split('\n').slice(1);
    const xnys = marketCalendar('XNYS');
    // New York is four hours behind in October.
    const times = minutes.map((line) => Date.parse(`${(line.split(',')[0] as string).replace(' ', 'T')}-04:00`));
    expect(times.filter((at) => xnys?.stateAt(at, 'extended').open !== true)).toEqual([]);
    const regular = times.filter((at) => xnys?.stateAt(at, 'regular').open === true);
    expect(regular).toHaveLength(5 * 390);
  });

  it('of euro and dollar lie in the week of foreign exchange, but for two prints of its closing hour', () => {
    const hours = readSharedText('intraday/eurusd-2017-2018-1h.csv').trim().split('\n').slice(1);
    const fx = marketCalendar('FX');
    const closed = hours
      .map((line) => line.slice(0, 19))
      .filter((text) => fx?.stateAt(Date.parse(`${text.replace(' ', 'T')}Z`), 'regular').open !== true);
    expect(closed).toEqual(['2017-10-06 21:00:00', '2017-10-20 21:00:00']);
  });
});
