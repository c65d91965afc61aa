/** What each check proves; `reliability.md` calls them A1 to A8, N1 is about notifications. */
export const CHECKS = {
  A1: 'every acknowledged signal is in the topic',
  A2: 'every valid signal has exactly one outcome for each pipeline it matches, and no other pair has one',
  A3: 'every trigger has exactly one execution, and no pipeline exceeds its concurrent executions',
  A4: 'every order was accepted once and equals its first intent',
  A5: 'when idle, no work is left: no lag, no open execution or intent, no job without an execution',
  A6: 'the dead signals are exactly the poison records of the topic',
  A7: 'every write without the lease was denied',
  A8: 'the triggers of a pipeline and partition follow the log',
  N1: 'every notification reports a committed status, and every ended execution has one',
} as const;
export type CheckId = keyof typeof CHECKS;

/** The effect of a violation on a user: work that is lost, done twice or stuck, or another broken guarantee. */
export type Harm = 'lost' | 'doubled' | 'stuck' | 'broken';

export interface Violation {
  readonly check: CheckId;
  readonly harm: Harm;
  /** The ids involved, e.g. pipeline, signal, execution; the first is the subject. */
  readonly ids: readonly string[];
  /** One sentence for the reader. */
  readonly text: string;
}

export type Report = (harm: Harm, ids: readonly string[], text: string) => void;

/** A reporter for one check, that adds to `violations`. */
export function reporter(violations: Violation[], check: CheckId): Report {
  return (harm, ids, text) => void violations.push({ check, harm, ids, text });
}
