import { at, type CalendarRules, CLOSED, hours, onWeekdays, type SpecialDay } from './calendar-rules';
import { dayOf, type DayNumber, easterSunday, isWeekend } from './civil-day';

const REGULAR_DAY = hours([at('9:00'), at('17:30')]);

/** Xetra, Deutsche Börse Frankfurt: continuous trading; the closing auction after 17:30 is not part of it. */
export const XETR: CalendarRules = {
  id: 'XETR',
  title: 'German equities (Xetra, Frankfurt)',
  timeZone: 'Europe/Berlin',
  firstYear: 2004,
  lastYear: 2100,
  usual: (day) => onWeekdays(day, REGULAR_DAY),
  special: (year) => {
    const days = new Map<DayNumber, SpecialDay>();
    if (year >= 2010)
      days.set(lastTradingDay(year), { name: 'Last trading day of the year', hours: hours([at('9:00'), at('14:00')]) });
    for (const [day, name] of holidays(year)) {
      if (!isWeekend(day)) days.set(day, { name, hours: CLOSED });
    }
    return days;
  },
};

function holidays(year: number): readonly (readonly [DayNumber, string])[] {
  const easter = easterSunday(year);
  const all: [DayNumber, string][] = [
    [dayOf(year, 1, 1), "New Year's Day"],
    [easter - 2, 'Good Friday'],
    [easter + 1, 'Easter Monday'],
    [dayOf(year, 5, 1), 'Labour Day'],
    [dayOf(year, 12, 24), 'Christmas Eve'],
    [dayOf(year, 12, 25), 'Christmas'],
    [dayOf(year, 12, 26), 'Second day of Christmas'],
    [dayOf(year, 12, 31), "New Year's Eve"],
  ];
  // Kept in these years only.
  if (year === 2007 || (year >= 2015 && year <= 2021)) all.push([easter + 50, 'Whit Monday']);
  if (year >= 2014 && year <= 2021) all.push([dayOf(year, 10, 3), 'Day of German Unity']);
  if (year === 2017) all.push([dayOf(2017, 10, 31), 'Reformation Day']);
  return all;
}

function lastTradingDay(year: number): DayNumber {
  let day = dayOf(year, 12, 30);
  while (isWeekend(day)) day -= 1;
  return day;
}
