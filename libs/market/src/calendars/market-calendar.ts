import type { MarketSession } from './market-session';
import type { CalendarRules } from './calendar-rules';
import { DAY_MS, dayOf, yearOf } from './civil-day';
import { isDayCovered, sessionTableOf, type TradingSession } from './session-table';

export interface MarketState {
  readonly open: boolean;
  /** `market_holiday`: it would be open now on an ordinary day, or the whole day is a holiday. */
  readonly reason: 'open' | 'market_closed' | 'market_holiday';
  /** When it opens next, epoch ms; absent while open. */
  readonly opensAt?: number;
  /** When it closes, epoch ms; absent while closed, and where it never does. */
  readonly closesAt?: number;
  /** Name of the holiday, early close or late open behind `market_holiday`. */
  readonly holiday?: string;
  /** False: the holidays of this time are not known, only the weekday hours are. */
  readonly covered: boolean;
}

/** When a market trades. Pure; tables are created once per year and cached. */
export interface MarketCalendar {
  readonly id: string;
  readonly title: string;
  readonly timeZone: string;
  /**
   * Whether the market trades at an instant; sessions are half-open [open, close). O(1) for times near the previous
   * query.
   *
   * @throws RangeError for an invalid time
   */
  stateAt(epochMs: number, session: MarketSession): MarketState;
  /** Sessions that overlap [fromMs, toMs), in order; `regular` by default. */
  sessionsBetween(fromMs: number, toMs: number, session?: MarketSession): readonly TradingSession[];
}

/** A stretch of time with one state: [fromMs, toMs). */
interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: MarketState;
}

/** Years cached per calendar and session. Beyond this, the cache is cleared. */
const KEPT_YEARS = 200;
/** No market trades in later years, and Date ends soon after. */
const [MIN_MS, MAX_MS] = [dayOf(1000, 1, 1) * DAY_MS, dayOf(9999, 1, 1) * DAY_MS];

export function createMarketCalendar(rules: CalendarRules): MarketCalendar {
  const timelines: Record<MarketSession, Timeline> = {
    regular: new Timeline(rules, 'regular'),
    extended: new Timeline(rules, 'extended'),
  };
  return {
    id: rules.id,
    title: rules.title,
    timeZone: rules.timeZone,
    stateAt: (epochMs, session) => timelines[session].stateAt(epochMs),
    sessionsBetween: (fromMs, toMs, session = 'regular') => timelines[session].sessionsBetween(fromMs, toMs),
  };
}

interface YearTable {
  readonly sessions: readonly TradingSession[];
  readonly segments: readonly Segment[];
}

class Timeline {
  private readonly years = new Map<number, YearTable>();
  private last: Segment = {
    fromMs: Infinity,
    toMs: -Infinity,
    state: { open: false, reason: 'market_closed', covered: false },
  };

  constructor(
    private readonly rules: CalendarRules,
    private readonly kind: MarketSession,
  ) {}

  stateAt(epochMs: number): MarketState {
    if (epochMs >= this.last.fromMs && epochMs < this.last.toMs) return this.last.state;
    const { segments } = this.tableOf(assertTime(epochMs));
    let [low, high] = [0, segments.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((segments[middle] as Segment).fromMs <= epochMs) low = middle;
      else high = middle - 1;
    }
    this.last = segments[low] as Segment;
    return this.last.state;
  }

  sessionsBetween(fromMs: number, toMs: number): readonly TradingSession[] {
    const found: TradingSession[] = [];
    if (!(fromMs < toMs)) return found;
    const lastYear = yearOf(Math.floor(assertTime(toMs) / DAY_MS));
    for (let year = yearOf(Math.floor(assertTime(fromMs) / DAY_MS)); year <= lastYear; year += 1) {
      for (const session of this.table(year).sessions) {
        const isNew = session.opensAt > (found.at(-1)?.opensAt ?? -Infinity);
        if (isNew && session.closesAt > fromMs && session.opensAt < toMs) found.push(session);
      }
    }
    return found;
  }

  private tableOf(epochMs: number): YearTable {
    return this.table(yearOf(Math.floor(epochMs / DAY_MS)));
  }

  private table(year: number): YearTable {
    let table = this.years.get(year);
    if (table === undefined) {
      if (this.years.size >= KEPT_YEARS) this.years.clear();
      const { sessions, closures } = sessionTableOf(this.rules, this.kind, year);
      table = { sessions, segments: segmentsOf(sessions, closures, (ms) => isDayCovered(this.rules, ms)) };
      this.years.set(year, table);
    }
    return table;
  }
}

type Closures = ReturnType<typeof sessionTableOf>['closures'];

/** Splits the time between the first and the last session into intervals of one state; adjacent sessions are merged. */
function segmentsOf(
  sessions: readonly TradingSession[],
  closures: Closures,
  isKnown: (epochMs: number) => boolean,
): readonly Segment[] {
  const segments: Segment[] = [];
  const push = (fromMs: number, toMs: number, state: Omit<MarketState, 'covered'>): void => {
    if (fromMs < toMs) segments.push({ fromMs, toMs, state: Object.freeze({ ...state, covered: isKnown(fromMs) }) });
  };
  const runs = joined(sessions);
  runs.forEach(({ opensAt, closesAt }, index) => {
    const isEndless = index === runs.length - 1;
    push(opensAt, closesAt, { open: true, reason: 'open', ...(isEndless ? {} : { closesAt }) });
    const next = runs[index + 1];
    if (next === undefined) return;
    let from = closesAt;
    for (const closure of closures) {
      if (closure.toMs <= from || closure.fromMs >= next.opensAt) continue;
      push(from, closure.fromMs, { open: false, reason: 'market_closed', opensAt: next.opensAt });
      from = Math.max(from, closure.fromMs);
      const to = Math.min(closure.toMs, next.opensAt);
      push(from, to, { open: false, reason: 'market_holiday', opensAt: next.opensAt, holiday: closure.holiday });
      from = to;
    }
    push(from, next.opensAt, { open: false, reason: 'market_closed', opensAt: next.opensAt });
  });
  return segments;
}

function joined(sessions: readonly TradingSession[]): readonly Pick<TradingSession, 'opensAt' | 'closesAt'>[] {
  const runs: { opensAt: number; closesAt: number }[] = [];
  for (const { opensAt, closesAt } of sessions) {
    const last = runs.at(-1);
    if (last !== undefined && opensAt <= last.closesAt) last.closesAt = Math.max(last.closesAt, closesAt);
    else runs.push({ opensAt, closesAt });
  }
  return runs;
}

function assertTime(epochMs: number): number {
  if (!(epochMs >= MIN_MS && epochMs < MAX_MS))
    throw new RangeError(`${epochMs} is not a time in the years 1000 to 9998`);
  return epochMs;
}
