import { type CalendarRules, type DayHours, hours } from './calendar-rules';
import { MINUTES_PER_DAY, weekdayOf, SUNDAY } from './civil-day';

const WHOLE_DAY = hours([0, MINUTES_PER_DAY]);
const NOTHING: DayHours = { regular: [], extended: [] };
const WEEK = hours([17 * 60, 5 * MINUTES_PER_DAY + 17 * 60]);

/** Crypto: never closed. For `open` and `close`, its days are UTC days. */
export const ALWAYS: CalendarRules = {
  id: '24x7',
  title: 'Always open (crypto), days of UTC',
  timeZone: 'UTC',
  firstYear: 1000,
  lastYear: 9999,
  usual: () => WHOLE_DAY,
  special: () => new Map(),
};

/** Foreign exchange: one session per week, Sunday 17:00 to Friday 17:00 New York, without holidays. */
export const FX: CalendarRules = {
  id: 'FX',
  title: 'Foreign exchange, Sunday 17:00 to Friday 17:00 New York',
  timeZone: 'America/New_York',
  firstYear: 1000,
  lastYear: 9999,
  usual: (day) => (weekdayOf(day) === SUNDAY ? WEEK : NOTHING),
  special: () => new Map(),
};
