import { MARKET_CALENDARS, MARKET_SESSIONS, marketCalendar, type MarketCalendar } from '@tripline/market';
import { z } from 'zod';

import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { instantSchema } from '../http/schemas';

export interface CalendarRoutesOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const SHOWN_SESSIONS = 5;
/** Longer than any market stays closed. */
const LOOK_AHEAD_MS = 40 * 86_400_000;

const stateSchema = z.object({
  open: z.boolean(),
  reason: z.enum(['open', 'market_closed', 'market_holiday']),
  opens_at: instantSchema.nullable().describe('null while the market is open'),
  closes_at: instantSchema.nullable().describe('null while the market is closed, and for markets that never close'),
  holiday: z.string().nullable().describe('the holiday, early close or late open'),
});

const calendarSchema = z
  .object({
    id: z.enum(MARKET_CALENDARS),
    title: z.string(),
    time_zone: z.string(),
    holidays_known: z.boolean().describe('false: the holidays of this year are unknown, so only weekday hours apply'),
    now: z.object({ regular: stateSchema, extended: stateSchema }),
    next_sessions: z
      .array(
        z.object({
          day: z.iso.date().describe("the date in the exchange's time zone"),
          opens_at: instantSchema,
          closes_at: instantSchema,
          holiday: z.string().nullable().describe('why the hours are unusual'),
        }),
      )
      .describe('regular sessions, including the current one'),
  })
  .meta({ id: 'MarketCalendar' });

/** The market calendars that pipelines can name. */
export function registerCalendarRoutes(app: ApiApp, { now }: CalendarRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/market-calendars',
    schema: {
      tags: ['pipelines'],
      summary: 'List market calendars with their current state',
      description: "Calendars for a pipeline's `market_hours` and `schedule.calendar`.",
      response: { 200: z.object({ items: z.array(calendarSchema) }), ...errorResponses('UNAUTHENTICATED') },
    },
    handler: () => {
      const nowMs = now();
      const calendars = MARKET_CALENDARS.flatMap((id) => {
        const calendar = marketCalendar(id);
        return calendar === null ? [] : [{ id, ...calendarResource(calendar, nowMs) }];
      });
      return { items: calendars };
    },
  });
}

function calendarResource(calendar: MarketCalendar, nowMs: number): Omit<z.output<typeof calendarSchema>, 'id'> {
  const [regular, extended] = MARKET_SESSIONS.map((session) => {
    const { open, reason, opensAt, closesAt, holiday } = calendar.stateAt(nowMs, session);
    return { open, reason, opens_at: iso(opensAt), closes_at: iso(closesAt), holiday: holiday ?? null };
  }) as [z.output<typeof stateSchema>, z.output<typeof stateSchema>];
  const sessions = calendar.sessionsBetween(nowMs, nowMs + LOOK_AHEAD_MS).slice(0, SHOWN_SESSIONS);
  return {
    title: calendar.title,
    time_zone: calendar.timeZone,
    holidays_known: calendar.stateAt(nowMs, 'regular').covered,
    now: { regular, extended },
    next_sessions: sessions.map(({ day, opensAt, closesAt, holiday }) => ({
      day,
      opens_at: new Date(opensAt).toISOString(),
      closes_at: new Date(closesAt).toISOString(),
      holiday: holiday ?? null,
    })),
  };
}

function iso(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}
