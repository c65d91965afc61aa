/** What each check proves; `reliability.md` calls them A1 to A8, N1 is about notifications. */
export const CHECKS = {
  A1: 'every acknowledged signal stands in the topic',
  A2: 'every valid signal has exactly one outcome for each pipeline it matches, and nothing else has one',
  A3: 'every trigger has its one execution, and no pipeline runs more often at once than it may',
  A4: 'every order was accepted once, and as it was first intended',
  A5: 'at rest nothing is left to do: no lag, no open run or intent, no job without its run',
  A6: 'the dead signals are the poison of the topic, each once',
  A7: 'every write without the lease was refused',
  A8: 'the triggers of a pipeline and partition follow the log',
  N1: 'a notification tells of what was committed, and every ended run is told of',
} as const;
export type CheckId = keyof typeof CHECKS;

/** What a violation means for a user: work that is gone, done twice, never ends, or another promise broken. */
export type Harm = 'lost' | 'doubled' | 'stuck' | 'broken';

export interface Violation {
  readonly check: CheckId;
  readonly harm: Harm;
  /** The ids it is about, e.g. pipeline, signal, execution; the first is the subject. */
  readonly ids: readonly string[];
  /** One sentence for people. */
  readonly text: string;
}

export type Report = (harm: Harm, ids: readonly string[], text: string) => void;

/** A reporter for one check, that adds to `violations`. */
export function reporter(violations: Violation[], check: CheckId): Report {
  return (harm, ids, text) => void violations.push({ check, harm, ids, text });
}
