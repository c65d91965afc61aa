import { DAY_MS, MINUTE_MS, type DayNumber } from './civil-day';

/** From this instant on, the zone is ahead of UTC by this offset. */
interface OffsetChange {
  readonly fromMs: number;
  readonly offsetMs: number;
}

/** Sampling interval of zones. Two changes of one zone are months apart, in the most irregular ones weeks. */
const SAMPLE_MS = 7 * DAY_MS;

/**
 * Wall-clock time of an IANA zone over a range of instants. The few offset changes of the range are computed once,
 * because asking `Intl` is slow.
 *
 * @throws RangeError for an unknown zone
 */
export class ZoneClock {
  private readonly changes: OffsetChange[] = [];

  constructor(timeZone: string, fromMs: number, toMs: number) {
    const offsetAt = offsetReader(timeZone);
    this.changes.push({ fromMs: -Infinity, offsetMs: offsetAt(fromMs) });
    for (let at = fromMs; at < toMs; at += SAMPLE_MS) this.findChange(offsetAt, at, at + SAMPLE_MS);
  }

  /**
   * The instant at which a wall clock of the zone shows `minutes` after midnight of `day`; minutes may exceed the day.
   * A time that does not exist (clocks go forward) is read as the same distance after the change; of a time that exists
   * twice, the first.
   */
  instantOf(day: DayNumber, minutes: number): number {
    const wall = day * DAY_MS + minutes * MINUTE_MS;
    const before = this.offsetAt(wall - DAY_MS);
    const early = wall - before;
    if (this.offsetAt(early) === before) return early;
    const late = wall - this.offsetAt(early);
    return this.offsetAt(late) === this.offsetAt(early) ? late : early;
  }

  private offsetAt(epochMs: number): number {
    let offset = 0;
    for (const change of this.changes) {
      if (change.fromMs > epochMs) break;
      offset = change.offsetMs;
    }
    return offset;
  }

  private findChange(offsetAt: (epochMs: number) => number, fromMs: number, toMs: number): void {
    const after = offsetAt(toMs);
    if (offsetAt(fromMs) === after) return;
    let [low, high] = [fromMs, toMs];
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
      if (offsetAt(middle) === after) high = middle;
      else low = middle;
    }
    this.changes.push({ fromMs: high, offsetMs: after });
  }
}

/** Reads the offset of a zone at an instant, in ms ahead of UTC. @throws RangeError for a zone that does not exist */
export function offsetReader(timeZone: string): (epochMs: number) => number {
  if (timeZone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epochMs) => {
    const field: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(epochMs)) field[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(epochMs / 1000) * 1000;
  };
}
