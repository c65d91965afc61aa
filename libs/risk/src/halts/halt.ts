/** What a halt stops, from every pipeline to one venue. */
export const HALT_LEVELS = ['global', 'user', 'pipeline', 'ticker', 'venue'] as const;
export type HaltLevel = (typeof HALT_LEVELS)[number];

/**
 * What a halt does, each with all that the ones before it in severity do not allow:
 * - `reduce_only`: runs go on, but only orders that make a position smaller are sent;
 * - `pause`: no new decision triggers, no waiting run starts, no order is sent; running agents end without an order;
 * - `cancel`: as `pause`, and waiting and running executions and resting orders are cancelled;
 * - `flatten`: as `cancel`, and open positions are closed.
 */
export const HALT_MODES = ['reduce_only', 'pause', 'cancel', 'flatten'] as const;
export type HaltMode = (typeof HALT_MODES)[number];

/** A halt in force: it holds until a person lifts it, through restarts. */
export interface Halt {
  readonly id: string;
  readonly level: HaltLevel;
  /** User id, pipeline id, ticker or venue; empty for `global`. */
  readonly subject: string;
  readonly mode: HaltMode;
  /** Why it was engaged, in the words of the person who engaged it. */
  readonly reason: string;
}

/** What a decision, a start or an order touches; null where it names none. */
export interface HaltSubject {
  readonly userId: string;
  readonly pipelineId: string;
  readonly ticker: string | null;
  readonly venue: string;
}

/** The strictest halt that applies; of equally strict ones the widest; null when none does. */
export function haltOn(halts: readonly Halt[], subject: HaltSubject): Halt | null {
  let found: Halt | null = null;
  for (const halt of halts) {
    if (applies(halt, subject) && (found === null || isStricter(halt, found))) found = halt;
  }
  return found;
}

/** Whether nothing may start or be sent at all under this halt; `reduce_only` alone leaves a door open. */
export function deniesEverything(halt: Halt): boolean {
  return halt.mode !== 'reduce_only';
}

/** The reason that the decision log and an execution give for a halt, by level. */
export function haltReason(halt: Halt): `halted_${HaltLevel}` {
  return `halted_${halt.level}`;
}

function applies({ level, subject }: Halt, to: HaltSubject): boolean {
  switch (level) {
    case 'global':
      return true;
    case 'user':
      return subject === to.userId;
    case 'pipeline':
      return subject === to.pipelineId;
    case 'ticker':
      return subject === to.ticker;
    case 'venue':
      return subject === to.venue;
  }
}

function isStricter(a: Halt, b: Halt): boolean {
  const byMode = HALT_MODES.indexOf(a.mode) - HALT_MODES.indexOf(b.mode);
  return byMode > 0 || (byMode === 0 && HALT_LEVELS.indexOf(a.level) < HALT_LEVELS.indexOf(b.level));
}
