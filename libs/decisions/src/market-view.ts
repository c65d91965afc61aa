import { marketCalendar, type MarketSession } from '@tripline/market';
import type { MarketView } from './decide';

/** What the built-in calendars say; null for an unknown calendar or an invalid time. */
export function calendarView(calendar: string, epochMs: number, session: MarketSession): MarketView | null {
  try {
    return marketCalendar(calendar)?.stateAt(epochMs, session) ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
