import { at, type CalendarRules, CLOSED, hours, onWeekdays, type SpecialDay } from './calendar-rules';
import { dayOf, type DayNumber } from './civil-day';

const REGULAR_DAY = hours(
  [at('9:15'), at('15:30')],
  [
    [at('9:00'), at('15:30')],
    [at('15:40'), at('16:00')],
  ],
);
/** Until 2010-10-15 trading began at 9:00, without a pre-open session. */
const EARLIER_DAY = hours([at('9:00'), at('15:30')]);
const PRE_OPEN_FROM = dayOf(2010, 10, 18);

/**
 * Weekdays without trading, `MMDD`, and with a name where it is not a usual festival. Most follow lunar calendars and are
 * fixed by the exchange's circular each year, so there is no rule. Source: circulars of the exchange.
 */
const HOLIDAYS: Readonly<Record<number, string>> = {
  2010: '0101 0126 0212 0301 0324 0402 0414 0910 1117 1217',
  2011: '0126 0302 0412 0414 0422 0815 0831 0901 1006 1027 1107 1110 1206',
  2012: '0126 0220 0308 0405 0406 0501 0815 0820 0919 1002 1024 1114 1128 1225',
  2013: '0327 0329 0419 0424 0501 0809 0815 0909 1002 1016 1104 1115 1225',
  2014: '0227 0317 0408 0414 0418 0424 0501 0729 0815 0829 1002 1003 1006 1015 1024 1104 1106 1225',
  2015: '0126 0217 0306 0402 0403 0414 0501 0917 0925 1002 1022 1112 1125 1225',
  2016: '0126 0307 0324 0325 0414 0415 0419 0706 0815 0905 0913 1011 1012 1031 1114',
  2017: '0126 0224 0313 0404 0414 0501 0626 0815 0825 1002 1020 1225',
  2018: '0126 0213 0302 0329 0330 0501 0815 0822 0913 0920 1002 1018 1108 1123 1225',
  2019: '0304 0321 0417 0419 0429 0501 0605 0812 0815 0902 0910 1002 1008 1021 1028 1112 1225',
  2020: '0221 0310 0402 0406 0410 0414 0501 0525 1002 1116 1130 1225',
  2021: '0126 0311 0329 0402 0414 0421 0513 0721 0819 0910 1015 1105 1119',
  2022: '0126 0301 0318 0414 0415 0503 0809 0815 0831 1005 1026 1108',
  2023: '0126 0307 0330 0404 0407 0414 0501 0629 0815 0919 1002 1024 1114 1127 1225',
  2024: '0122 0126 0308 0325 0329 0411 0417 0501 0520 0617 0717 0815 1002 1115 1120 1225',
  2025: '0226 0314 0331 0410 0414 0418 0501 0815 0827 1002 1022 1105 1225',
  2026: '0115 0126 0303 0326 0331 0403 0414 0501 0528 0626 0914 1002 1020 1110 1124 1225',
};

/** Diwali on a weekday: closed but for an hour of ceremonial (Muhurat) trading. Those at weekends are not in here. */
const MUHURAT: readonly (readonly [day: string, open: string, close: string])[] = [
  ['2010-11-05', '18:15', '19:15'],
  ['2011-10-26', '16:45', '18:00'],
  ['2012-11-13', '15:45', '17:00'],
  ['2014-10-23', '18:30', '19:30'],
  ['2015-11-11', '17:45', '18:45'],
  ['2017-10-19', '18:30', '19:30'],
  ['2018-11-07', '17:30', '18:30'],
  ['2021-11-04', '18:15', '19:15'],
  ['2022-10-24', '18:15', '19:15'],
  ['2024-11-01', '18:00', '19:00'],
  ['2025-10-21', '13:45', '14:45'],
];

/** Ordinary hours on a weekend: days of the Union budget, and one make-up day. */
const WEEKEND_SESSIONS = ['2015-02-28', '2020-02-01', '2024-01-20', '2025-02-01', '2026-02-01'];

/** National Stock Exchange of India. */
export const XNSE: CalendarRules = {
  id: 'XNSE',
  title: 'Indian equities (National Stock Exchange)',
  timeZone: 'Asia/Kolkata',
  firstYear: 2010,
  lastYear: 2026,
  usual: (day) => onWeekdays(day, day < PRE_OPEN_FROM ? EARLIER_DAY : REGULAR_DAY),
  special: (year) => {
    const days = new Map<DayNumber, SpecialDay>();
    for (const date of (HOLIDAYS[year] ?? '').split(' ').filter((text) => text !== '')) {
      const day = dayOf(year, Number(date.slice(0, 2)), Number(date.slice(2)));
      days.set(day, { name: NAMES[date] ?? 'Holiday of the exchange', hours: CLOSED });
    }
    for (const [day, open, close] of MUHURAT) {
      if (day.startsWith(`${year}-`))
        days.set(parse(day), { name: 'Diwali (Muhurat trading)', hours: hours([at(open), at(close)]) });
    }
    for (const day of WEEKEND_SESSIONS) {
      if (day.startsWith(`${year}-`)) days.set(parse(day), { name: 'Special session', hours: REGULAR_DAY });
    }
    return days;
  },
};

/** Festivals on the same date every year. */
const NAMES: Readonly<Record<string, string>> = {
  '0126': 'Republic Day',
  '0414': 'Ambedkar Jayanti',
  '0501': 'Maharashtra Day',
  '0815': 'Independence Day',
  '1002': 'Gandhi Jayanti',
  '1225': 'Christmas',
};

function parse(day: string): DayNumber {
  return Date.parse(day) / 86_400_000;
}
