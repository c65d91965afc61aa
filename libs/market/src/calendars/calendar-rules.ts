import { type DayNumber, isWeekend } from './civil-day';

/** Trading hours in minutes after local midnight of their day, half-open: [open, close). May extend past midnight. */
export type Span = readonly [open: number, close: number];

/** The hours of one day. `extended` includes the regular hours. */
export interface DayHours {
  readonly regular: readonly Span[];
  readonly extended: readonly Span[];
}

/** A day with special hours: a holiday, an early close, a late open, or a weekend session. */
export interface SpecialDay {
  readonly name: string;
  readonly hours: DayHours;
}

/** The definition of a market calendar; everything else is derived. Pure: the same answer for the same day, always. */
export interface CalendarRules {
  readonly id: string;
  readonly title: string;
  /** IANA. */
  readonly timeZone: string;
  /** Years for which special days are known. Outside them only weekday hours apply, and states say `covered: false`. */
  readonly firstYear: number;
  readonly lastYear: number;
  /** Hours of an ordinary day. */
  readonly usual: (day: DayNumber) => DayHours;
  /** Special days of a year. */
  readonly special: (year: number) => ReadonlyMap<DayNumber, SpecialDay>;
}

export const CLOSED: DayHours = { regular: [], extended: [] };

/** Minutes after midnight of `9:30`. */
export function at(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

/** One regular session, and optionally longer extended ones around it. */
export function hours(regular: Span, extended: readonly Span[] = [regular]): DayHours {
  return { regular: [regular], extended };
}

/** The same hours on weekdays, closed at weekends. */
export function onWeekdays(day: DayNumber, weekday: DayHours): DayHours {
  return isWeekend(day) ? CLOSED : weekday;
}
