/**
 * The points where a process can be made to fail, in the order of a signal's path: publisher, dispatcher, worker, sweeper.
 * docs/reliability.md says what each fault leaves behind and what repairs it.
 */
export const FAILPOINTS = [
  'before-publish',
  'after-publish',
  'before-watermark-save',
  'after-fetch',
  'before-decision-commit',
  'during-decision-commit',
  'after-decision-commit',
  'during-enqueue',
  'after-enqueue',
  'before-offset-commit',
  'during-offset-commit',
  'before-claim',
  'after-claim',
  'after-agents',
  'before-order-send',
  'after-order-send',
  'after-order-result',
  'after-execution-end',
  'after-sweep-commit',
] as const;
export type FailpointName = (typeof FAILPOINTS)[number];

/** The action at a point. */
export type FailpointAction =
  /** The process exits at once with 137, as after SIGKILL: nothing is finished or closed. */
  | { readonly kind: 'exit' }
  /** The step fails like a lost connection. */
  | { readonly kind: 'throw' }
  /** The step waits, ms; the rest of the process continues. */
  | { readonly kind: 'delay'; readonly fromMs: number; readonly toMs: number }
  /** The step never continues. */
  | { readonly kind: 'hang' }
  /** The event loop is blocked, ms: no timer, no heartbeat, no health check. */
  | { readonly kind: 'block'; readonly ms: number }
  /** The process stops itself (SIGSTOP) until it gets SIGCONT, and then resumes with outdated leases. */
  | { readonly kind: 'pause' };

/** One entry of the list. */
export interface FailpointRule {
  readonly name: FailpointName;
  readonly action: FailpointAction;
  /** The hit on which it acts, counted from 1; null: every hit. */
  readonly hit: number | null;
}

/** Invalid entry in the list of failpoints. */
export class FailpointSyntaxError extends Error {
  constructor(entry: string) {
    super(`invalid failpoint "${entry}": expected NAME=ACTION or NAME=ACTION@HIT, e.g. after-agents=delay(50..500)`);
    this.name = 'FailpointSyntaxError';
  }
}

/** NAME=ACTION, the action's argument in parentheses (ms, or a range of two), and the hit after an @. */
const ENTRY = /^([a-z]+(?:-[a-z]+)*)=([a-z]+)(?:\((\d{1,6})(?:\.\.(\d{1,6}))?\))?(?:@([1-9]\d{0,8}))?$/;

/** Reads `after-decision-commit=exit@3,after-agents=delay(50..500)`. @throws FailpointSyntaxError */
export function parseFailpoints(text: string): FailpointRule[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseEntry);
}

function parseEntry(entry: string): FailpointRule {
  const [, name = '', word = '', from, to, hit] = ENTRY.exec(entry) ?? [];
  const action = actionOf(word, from, to);
  if (!isFailpoint(name) || action === undefined) throw new FailpointSyntaxError(entry);
  return { name, action, hit: hit === undefined ? null : Number(hit) };
}

function actionOf(word: string, from: string | undefined, to: string | undefined): FailpointAction | undefined {
  if (word === 'delay' && from !== undefined) {
    const [fromMs, toMs] = [Number(from), Number(to ?? from)];
    return toMs < fromMs ? undefined : { kind: 'delay', fromMs, toMs };
  }
  if (word === 'block' && from !== undefined && to === undefined) return { kind: 'block', ms: Number(from) };
  if (from !== undefined) return undefined;
  return word === 'exit' || word === 'throw' || word === 'hang' || word === 'pause' ? { kind: word } : undefined;
}

function isFailpoint(name: string): name is FailpointName {
  return (FAILPOINTS as readonly string[]).includes(name);
}
