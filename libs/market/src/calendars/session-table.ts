import type { MarketSession } from './market-session';
import type { CalendarRules, DayHours, SpecialDay, Span } from './calendar-rules';
import { DAY_MS, dayOf, type DayNumber, isoDay, yearOf } from './civil-day';
import { ZoneClock } from './time-zone';

/** One trading interval; half-open: [opensAt, closesAt), epoch ms. */
export interface TradingSession {
  /** The exchange's own date the session belongs to, `2026-11-27`. */
  readonly day: string;
  readonly opensAt: number;
  readonly closesAt: number;
  /** Why the day has special hours. */
  readonly holiday?: string;
}

/** An interval in which the market is closed for a named reason. */
export interface NamedClosure {
  readonly fromMs: number;
  readonly toMs: number;
  readonly holiday: string;
}

export interface SessionTable {
  /** In order of time. */
  readonly sessions: readonly TradingSession[];
  readonly closures: readonly NamedClosure[];
}

/** Extra days around the requested ones, so that the sessions before and after a year are known. */
const MARGIN_DAYS = 14;

/** The sessions of a year (of UTC), with those of two weeks before and after it. */
export function sessionTableOf(rules: CalendarRules, kind: MarketSession, year: number): SessionTable {
  const first = dayOf(year, 1, 1) - MARGIN_DAYS;
  const last = dayOf(year + 1, 1, 1) + MARGIN_DAYS;
  const clock = new ZoneClock(rules.timeZone, (first - 8) * DAY_MS, (last + 8) * DAY_MS);
  const special = new Map(
    [year - 1, year, year + 1].filter((y) => isCovered(rules, y)).flatMap((y) => [...rules.special(y)]),
  );
  const sessions: TradingSession[] = [];
  const closures: NamedClosure[] = [];
  for (let day = first; day < last; day += 1) {
    const exception = special.get(day);
    const spans = (exception?.hours ?? rules.usual(day))[kind];
    for (const [open, close] of spans) {
      sessions.push({
        day: isoDay(day),
        opensAt: clock.instantOf(day, open),
        closesAt: clock.instantOf(day, close),
        ...(exception === undefined ? {} : { holiday: exception.name }),
      });
    }
    if (exception !== undefined) closures.push(...closuresOf(day, exception, rules.usual(day)[kind], kind, clock));
  }
  return { sessions, closures };
}

/** Whether the special days of a year are known. */
export function isCovered({ firstYear, lastYear }: CalendarRules, year: number): boolean {
  return year >= firstYear && year <= lastYear;
}

export function isDayCovered(rules: CalendarRules, epochMs: number): boolean {
  return isCovered(rules, yearOf(Math.floor(epochMs / DAY_MS)));
}

/** The whole day of a holiday; for a shortened day, the missing hours. */
function closuresOf(
  day: DayNumber,
  { name, hours }: SpecialDay,
  usual: readonly Span[],
  kind: keyof DayHours,
  clock: ZoneClock,
): readonly NamedClosure[] {
  const [opens, closes] = [hours[kind][0]?.[0], hours[kind].at(-1)?.[1]];
  const named = (from: number, to: number): NamedClosure[] =>
    from < to ? [{ fromMs: clock.instantOf(day, from), toMs: clock.instantOf(day, to), holiday: name }] : [];
  if (opens === undefined || closes === undefined) return usual.length === 0 ? [] : named(0, 24 * 60);
  const [usualOpen, usualClose] = [usual[0]?.[0] ?? opens, usual.at(-1)?.[1] ?? closes];
  return [...named(usualOpen, Math.min(opens, usualClose)), ...named(Math.max(closes, usualOpen), usualClose)];
}
