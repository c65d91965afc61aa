import type { MarketSession } from './market-session';
import { DAY_MS, MINUTE_MS } from './civil-day';
import { marketCalendar } from './market-calendars';

/** A time relative to a session: `open`, `open+5m`, `close-10m`, `close+1h`. */
export interface MarketTime {
  readonly anchor: 'open' | 'close';
  /** Negative: before. */
  readonly offsetMs: number;
}

const MARKET_TIME = /^(open|close)(?:([+-])(\d{1,4})(m|h))?$/;
const MAX_OFFSET_MS = 12 * 60 * MINUTE_MS;
/** No calendar is closed for this long. */
const LONGEST_CLOSURE_MS = 30 * DAY_MS;

/** Reads `open+5m`; null when it is invalid, or more than twelve hours away. */
export function parseMarketTime(text: string): MarketTime | null {
  const match = MARKET_TIME.exec(text);
  if (match === null) return null;
  const [, anchor, sign = '+', amount = '0', unit = 'm'] = match;
  const distance = Number(amount) * (unit === 'h' ? 60 : 1) * MINUTE_MS;
  if (distance > MAX_OFFSET_MS) return null;
  return { anchor: anchor === 'open' ? 'open' : 'close', offsetMs: sign === '-' ? 0 - distance : distance };
}

/**
 * The first time strictly after `afterMs` at which a market-relative time occurs, epoch ms. It occurs once per session;
 * on early closes it is relative to the early close. A time beyond a session, such as `open+5h` on a day of three and a
 * half hours, still occurs.
 *
 * @throws RangeError for an unknown calendar or an invalid market time
 */
export function nextMarketTime(
  when: { readonly calendar: string; readonly at: string; readonly session?: MarketSession },
  afterMs: number,
): number {
  const calendar = marketCalendar(when.calendar);
  const time = parseMarketTime(when.at);
  if (calendar === null) throw new RangeError(`unknown market calendar ${when.calendar}`);
  if (time === null) throw new RangeError(`${when.at} is not a market time such as open+5m`);
  const anchorAfter = afterMs - time.offsetMs;
  // A session that opened earlier may still close later.
  const sessions = calendar.sessionsBetween(anchorAfter - DAY_MS, anchorAfter + LONGEST_CLOSURE_MS, when.session);
  for (const { opensAt, closesAt } of sessions) {
    const at = (time.anchor === 'open' ? opensAt : closesAt) + time.offsetMs;
    if (at > afterMs) return at;
  }
  throw new RangeError(`${when.calendar} has no session in the month after ${afterMs}`);
}
