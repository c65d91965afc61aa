import { at, type CalendarRules, CLOSED, type DayHours, hours, onWeekdays, type SpecialDay } from './calendar-rules';
import {
  dayOf,
  type DayNumber,
  easterSunday,
  FRIDAY,
  isWeekend,
  lastWeekday,
  MONDAY,
  nthWeekday,
  SATURDAY,
  SUNDAY,
  THURSDAY,
  WEDNESDAY,
  weekdayOf,
} from './civil-day';

const OPEN = at('9:30');
const CLOSE = at('16:00');
const PRE_OPEN = at('4:00');
const REGULAR_DAY = hours([OPEN, CLOSE], [[PRE_OPEN, at('20:00')]]);

/** After an early close at 13:00 the late session ends at 17:00, so after any, four hours later. */
function shortened(open: number, close: number): DayHours {
  return hours([open, close], [[PRE_OPEN, close === CLOSE ? at('20:00') : close + 4 * 60]]);
}

/** Closings, early closes and late opens that follow no rule. Source: the exchange's list of special closings. */
const IRREGULAR: readonly (readonly [day: string, name: string, open?: string, close?: string])[] = [
  ['1990-12-24', 'Christmas Eve', '9:30', '14:00'],
  ['1990-12-27', 'Power failure', '11:00', '16:00'],
  ['1991-12-24', 'Christmas Eve', '9:30', '14:00'],
  ['1992-11-27', 'Day after Thanksgiving', '9:30', '14:00'],
  ['1992-12-24', 'Christmas Eve', '9:30', '14:00'],
  ['1994-02-11', 'Snowstorm', '9:30', '14:30'],
  ['1994-04-27', 'Funeral of Richard Nixon'],
  ['1995-12-18', 'Computer failure', '10:30', '16:00'],
  ['1996-01-08', 'Snowstorm', '11:00', '14:00'],
  ['1997-10-27', 'Circuit breaker', '9:30', '15:30'],
  ['1997-12-26', 'Day after Christmas', '9:30', '13:00'],
  ['2001-09-11', 'Attack of September 11'],
  ['2001-09-12', 'Attack of September 11'],
  ['2001-09-13', 'Attack of September 11'],
  ['2001-09-14', 'Attack of September 11'],
  ['2002-09-11', 'Remembrance of September 11', '12:00', '16:00'],
  ['2003-12-26', 'Day after Christmas', '9:30', '13:00'],
  ['2004-06-11', 'Mourning for Ronald Reagan'],
  ['2007-01-02', 'Mourning for Gerald Ford'],
  ['2012-10-29', 'Hurricane Sandy'],
  ['2012-10-30', 'Hurricane Sandy'],
  ['2018-12-05', 'Mourning for George H. W. Bush'],
  ['2025-01-09', 'Mourning for Jimmy Carter'],
];

/** New York Stock Exchange, and with it US equities. Holidays by rule; what follows none is in a table up to 2026. */
export const XNYS: CalendarRules = {
  id: 'XNYS',
  title: 'US equities (New York Stock Exchange, Nasdaq)',
  timeZone: 'America/New_York',
  firstYear: 1990,
  lastYear: 2100,
  usual: (day) => onWeekdays(day, REGULAR_DAY),
  special: (year) => {
    const days = new Map<DayNumber, SpecialDay>();
    for (const [day, name] of earlyCloses(year)) days.set(day, { name, hours: shortened(OPEN, at('13:00')) });
    for (const [day, name] of holidays(year)) days.set(day, { name, hours: CLOSED });
    for (const [day, name, open, close] of IRREGULAR) {
      if (!day.startsWith(`${year}-`)) continue;
      const irregular = open === undefined || close === undefined ? CLOSED : shortened(at(open), at(close));
      days.set(Date.parse(day) / 86_400_000, { name, hours: irregular });
    }
    return days;
  },
};

function holidays(year: number): readonly (readonly [DayNumber, string])[] {
  const all: [DayNumber | null, string][] = [
    [newYear(year), "New Year's Day"],
    [year >= 1998 ? nthWeekday(year, 1, MONDAY, 3) : null, 'Martin Luther King Jr. Day'],
    [nthWeekday(year, 2, MONDAY, 3), "Washington's Birthday"],
    [easterSunday(year) - 2, 'Good Friday'],
    [lastWeekday(year, 5, MONDAY), 'Memorial Day'],
    [year >= 2022 ? observed(dayOf(year, 6, 19)) : null, 'Juneteenth'],
    [observed(dayOf(year, 7, 4)), 'Independence Day'],
    [nthWeekday(year, 9, MONDAY, 1), 'Labor Day'],
    [nthWeekday(year, 11, THURSDAY, 4), 'Thanksgiving'],
    [observed(dayOf(year, 12, 25)), 'Christmas'],
  ];
  return all.filter((entry): entry is [DayNumber, string] => entry[0] !== null);
}

/** On a Sunday it is kept on Monday; on a Saturday not at all, because Friday closes the year's books. */
function newYear(year: number): DayNumber | null {
  const day = dayOf(year, 1, 1);
  return weekdayOf(day) === SATURDAY ? null : observed(day);
}

/** A fixed date at a weekend is kept on the weekday next to it. */
function observed(day: DayNumber): DayNumber {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return day - 1;
  return weekday === SUNDAY ? day + 1 : day;
}

/** Days that close at 13:00. */
function earlyCloses(year: number): readonly (readonly [DayNumber, string])[] {
  const found: [DayNumber, string][] = [];
  if (year >= 1993) found.push([nthWeekday(year, 11, THURSDAY, 4) + 1, 'Day after Thanksgiving']);
  const christmasEve = dayOf(year, 12, 24);
  // A Friday eve is the holiday itself, kept for a Saturday Christmas.
  if (year >= 1996 && !isWeekend(christmasEve) && weekdayOf(christmasEve) !== FRIDAY) {
    found.push([christmasEve, 'Christmas Eve']);
  }
  found.push(...aroundIndependenceDay(year));
  return found;
}

function aroundIndependenceDay(year: number): readonly [DayNumber, string][] {
  if (year < 1995) return [];
  const eve = dayOf(year, 7, 3);
  const name = 'Eve of Independence Day';
  if ([MONDAY, MONDAY + 1, THURSDAY].includes(weekdayOf(eve))) return [[eve, name]];
  if (weekdayOf(eve) !== WEDNESDAY) return [];
  // Up to 2012 the Friday after a Thursday holiday was the short day.
  return year >= 2013 ? [[eve, name]] : [[dayOf(year, 7, 5), 'Day after Independence Day']];
}
