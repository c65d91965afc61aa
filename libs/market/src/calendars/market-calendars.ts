import { ALWAYS, FX } from './always-open';
import { createMarketCalendar, type MarketCalendar } from './market-calendar';
import { XETR } from './xetr';
import { XNSE } from './xnse';
import { XNYS } from './xnys';

/** Every calendar a pipeline can name. */
export const MARKET_CALENDARS = ['24x7', 'XNYS', 'XETR', 'XNSE', 'FX'] as const;

const BY_ID: ReadonlyMap<string, MarketCalendar> = new Map(
  [ALWAYS, XNYS, XETR, XNSE, FX].map((rules) => [rules.id, createMarketCalendar(rules)]),
);

/** The calendar with this id; null when there is none. Always the same object. */
export function marketCalendar(id: string): MarketCalendar | null {
  return BY_ID.get(id) ?? null;
}
