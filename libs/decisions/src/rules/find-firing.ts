import type { SignalRule } from '@tripline/triggers';
import { type ConsumedSignal, type HeldSignal, newestFirst, type NotedSignal, type RuleFiring } from './rule-state';

/** How many conditions must be met, each by a different signal. */
export function conditionsNeeded(rule: SignalRule): number {
  if (rule.kind === 'any') return 1;
  if (rule.kind === 'n_of') return Math.min(Math.max(1, rule.count), rule.conditions.length);
  return rule.conditions.length;
}

/** The newest veto signal in the window that ends at `end`, if any. */
export function guardBefore(rule: SignalRule, guards: readonly NotedSignal[], end: number): NotedSignal | undefined {
  return [...guards].sort(newestFirst).find(({ at }) => at <= end && at >= end - rule.withinMs);
}

/**
 * The firing that `event` completes, if any: distinct waiting signals, including `event`, that meet the conditions
 * within one window, with no veto signal in the window before the newest of them. Of several firings, the one that ends
 * first; of those, the one with the newest signals. The result depends on which signals have arrived, never on their
 * storage order.
 */
export function findFiring(
  rule: SignalRule,
  waiting: readonly HeldSignal[],
  guards: readonly NotedSignal[],
  event: HeldSignal,
): RuleFiring | null {
  const sorted = [...waiting].sort(newestFirst);
  // A late signal may complete a firing whose last signal arrived earlier.
  const ends = new Set(sorted.map(({ at }) => at).filter((at) => at >= event.at && at <= event.at + rule.withinMs));
  for (const end of [...ends].reverse()) {
    if (guardBefore(rule, guards, end) !== undefined) continue;
    const inWindow = sorted.filter(({ at }) => at <= end && at >= end - rule.withinMs);
    const chosen =
      rule.kind === 'sequence'
        ? chooseSequence(rule, inWindow, event, end)
        : chooseDistinct(inWindow, event, conditionsNeeded(rule));
    if (chosen?.some((signal) => signal.occurredAt === end) === true) return { consumed: chosen, at: end };
  }
  return null;
}

/**
 * `event` and then the newest signals, as long as all of them can meet different conditions. Such sets of signals are
 * the independent sets of a transversal matroid, so this greedy choice is optimal in that order.
 */
function chooseDistinct(
  newestFirstInWindow: readonly HeldSignal[],
  event: HeldSignal,
  needed: number,
): readonly ConsumedSignal[] | null {
  const owners = new Map<number, HeldSignal>();
  placeSignal(event, owners, new Set());
  for (const signal of newestFirstInWindow) {
    if (owners.size >= needed) break;
    if (signal.id !== event.id) placeSignal(signal, owners, new Set());
  }
  return owners.size >= needed ? consumedOf(owners) : null;
}

/** Finds a condition for the signal, moving others to alternative conditions (an augmenting path). */
function placeSignal(signal: HeldSignal, owners: Map<number, HeldSignal>, tried: Set<number>): boolean {
  for (const condition of signal.fits) {
    if (tried.has(condition)) continue;
    tried.add(condition);
    const owner = owners.get(condition);
    if (owner === undefined || placeSignal(owner, owners, tried)) {
      owners.set(condition, signal);
      return true;
    }
  }
  return false;
}

/** The newest chain through `event` that ends at `end`; each signal is strictly later than the one before. */
function chooseSequence(
  rule: SignalRule,
  newestFirstInWindow: readonly HeldSignal[],
  event: HeldSignal,
  end: number,
): readonly ConsumedSignal[] | null {
  const chains = event.fits
    .map((place) => chainThrough(rule.conditions.length, newestFirstInWindow, event, place, end))
    .filter((chain) => chain !== null)
    .sort(newestChainFirst);
  const [best] = chains;
  if (best === undefined) return null;
  return consumedOf(new Map(best.map((signal, index) => [best.length - 1 - index, signal])));
}

/** From the last condition back to the first, the latest signal that fits. `event` meets the condition `place`. */
function chainThrough(
  length: number,
  newestFirstInWindow: readonly HeldSignal[],
  event: HeldSignal,
  place: number,
  end: number,
): readonly HeldSignal[] | null {
  const chain: HeldSignal[] = [];
  let before = end + 1;
  for (let condition = length - 1; condition >= 0; condition -= 1) {
    const next =
      condition === place
        ? event
        : newestFirstInWindow.find(({ id, at, fits }) => id !== event.id && at < before && fits.includes(condition));
    if (next === undefined || next.at >= before) return null;
    chain.push(next);
    before = next.at;
  }
  return chain;
}

function newestChainFirst(a: readonly HeldSignal[], b: readonly HeldSignal[]): number {
  for (const [index, signal] of a.entries()) {
    const other = b[index];
    const order = other === undefined ? 0 : newestFirst(signal, other);
    if (order !== 0) return order;
  }
  return 0;
}

function consumedOf(owners: ReadonlyMap<number, HeldSignal>): readonly ConsumedSignal[] {
  return [...owners]
    .sort(([, a], [, b]) => a.at - b.at || (a.id < b.id ? -1 : 1))
    .map(([condition, { id, type, at }]) => ({ signalId: id, signalType: type, occurredAt: at, condition }));
}
