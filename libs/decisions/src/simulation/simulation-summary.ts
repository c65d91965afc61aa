import type { DecisionOutcome } from '../outcome';
import type { SimulatedDecision } from './simulation';

/** Outcomes other than TRIGGERED, as words of a sentence. */
const WORDS: Readonly<Record<Exclude<DecisionOutcome, 'TRIGGERED'>, string>> = {
  COALESCED: 'waiting for other signals',
  SKIPPED_ACTIVE: 'skipped because an execution was active',
  SKIPPED_COOLDOWN: 'in cooldown',
  SKIPPED_MARKET_CLOSED: 'outside market hours',
  SKIPPED_QUOTA: 'over quota',
  SKIPPED_RISK_HALT: 'halted',
  SKIPPED_QUALITY: 'below the minimum data quality',
  EXPIRED: 'too old',
};
const KEPT_PER_REASON = 5;

/** Counts decisions and keeps the newest samples of every reason, however many decisions there are. */
export class SimulationSummary {
  total = 0;
  readonly #byOutcome = new Map<DecisionOutcome, number>();
  readonly #byReason = new Map<string, number>();
  readonly #newest = new Map<string, SimulatedDecision[]>();

  add(decision: SimulatedDecision): void {
    const { outcome, reason } = decision;
    this.total += 1;
    this.#byOutcome.set(outcome, (this.#byOutcome.get(outcome) ?? 0) + 1);
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
    const kept = this.#newest.get(reason) ?? [];
    kept.push(decision);
    if (kept.length > KEPT_PER_REASON) kept.shift();
    this.#newest.set(reason, kept);
  }

  byOutcome(): Partial<Record<DecisionOutcome, number>> {
    return Object.fromEntries(this.#byOutcome);
  }

  byReason(): Record<string, number> {
    return Object.fromEntries(this.#byReason);
  }

  /**
   * The newest samples of every reason, oldest first, at most `limit`. TRIGGERED decisions take precedence when there
   * are too many.
   */
  samples(limit: number): readonly SimulatedDecision[] {
    const lists = [...this.#newest.values()].map((list) => [...list].reverse());
    lists.sort((a, b) => Number(b[0]?.outcome === 'TRIGGERED') - Number(a[0]?.outcome === 'TRIGGERED'));
    const picked: SimulatedDecision[] = [];
    for (let round = 0; round < KEPT_PER_REASON; round += 1) {
      for (const list of lists) {
        const decision = list[round];
        if (decision !== undefined && picked.length < limit) picked.push(decision);
      }
    }
    return picked.sort((a, b) => a.decidedAt - b.decidedAt);
  }

  /**
   * E.g. `would have fired 37 times in 7 days, 5 skipped because an execution was active`. @param spanMs length of the
   * range, ms
   */
  text(spanMs: number): string {
    const fired = this.#byOutcome.get('TRIGGERED') ?? 0;
    const refused = [...this.#byOutcome]
      .filter((entry): entry is [keyof typeof WORDS, number] => entry[0] !== 'TRIGGERED')
      .sort(([, a], [, b]) => b - a)
      .map(([outcome, count]) => `${count} ${WORDS[outcome]}`);
    const times = fired === 1 ? 'once' : `${fired} times`;
    return [`would have fired ${times} in ${spanText(spanMs)}`, ...refused].join(', ');
  }
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

function spanText(ms: number): string {
  const [name, length] = UNITS.find(([, unit]) => ms >= unit) ?? UNITS[3];
  const count = Math.round((ms / length) * 10) / 10;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
