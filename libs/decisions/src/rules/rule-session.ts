import type { RuleVerdict } from '../decide';
import type { DecisionDetail, Trigger } from '../decision';
import { absenceTriggerIdOf, type Pipeline, type SignalRule } from '@tripline/triggers';
import { expireRule } from './absence';
import { advanceRule, isGuardOf } from './advance-rule';
import { consumedDetail, pendingDetail } from './describe-rule';
import type { RuleEvent, RuleFiring, RuleState } from './rule-state';

/** Stores rule states while triggers are decided. */
export interface RuleMemory {
  get(pipeline: Pipeline, ticker: string): RuleState;
  set(pipeline: Pipeline, ticker: string, state: RuleState): void;
}

/**
 * Counts a trigger for the rule of its pipeline and returns whether it fires. @param nowMs the authority's clock, epoch
 * ms
 */
export function countTrigger(memory: RuleMemory, pipeline: Pipeline, trigger: Trigger, nowMs: number): RuleVerdict {
  const event = ruleEventOf(trigger, nowMs);
  if (pipeline.rule === null || trigger.ticker === null || event === null) return { fired: false, detail: {} };
  const before = memory.get(pipeline, trigger.ticker);
  const step = advanceRule(pipeline.rule, before, event);
  if (step.state !== before) memory.set(pipeline, trigger.ticker, step.state);
  if (step.fired !== null) return { fired: true, detail: firedDetail(pipeline.rule, step.fired) };
  return { fired: false, detail: pendingDetail(pipeline.rule, step, event.occurredAt) };
}

/**
 * Notes a trigger that was denied before its rule was asked. It completes nothing, but if it is a veto signal it still
 * counts, also in closed hours and under a halt.
 */
export function noteDenied(memory: RuleMemory, pipeline: Pipeline, trigger: Trigger, nowMs: number): void {
  const event = ruleEventOf(trigger, nowMs);
  if (pipeline.rule === null || event === null || !isGuardOf(pipeline.rule, event)) return;
  countTrigger(memory, pipeline, trigger, nowMs);
}

/** The triggers of deadlines that have passed on a ticker, oldest first. They count as already fired. */
export function expireTicker(memory: RuleMemory, pipeline: Pipeline, ticker: string, nowMs: number): Trigger[] {
  const { rule } = pipeline;
  if (rule === null) return [];
  const triggers: Trigger[] = [];
  const before = memory.get(pipeline, ticker);
  let state = before;
  for (;;) {
    const expired = expireRule(rule, state, nowMs);
    state = expired.state;
    if (expired.fired === null) break;
    triggers.push(deadlineTrigger(pipeline, rule, ticker, expired.fired, nowMs));
  }
  if (state !== before) memory.set(pipeline, ticker, state);
  return triggers;
}

function ruleEventOf(trigger: Trigger, nowMs: number): RuleEvent | null {
  const { signalType, source, direction, confidence } = trigger;
  if (signalType === null || source === null || direction === null || confidence === null) return null;
  const { triggerId: signalId, occurredAt } = trigger;
  return { signalId, signalType, source, direction, confidence, occurredAt, seenAt: nowMs };
}

function firedDetail(rule: SignalRule, fired: RuleFiring): DecisionDetail {
  return { rule: rule.kind, within_ms: rule.withinMs, consumed_signals: consumedDetail(fired.consumed) };
}

function deadlineTrigger(
  pipeline: Pipeline,
  rule: SignalRule,
  ticker: string,
  fired: RuleFiring,
  nowMs: number,
): Trigger {
  return {
    triggerId: absenceTriggerIdOf(pipeline.id, ticker, fired.consumed[0]?.signalId ?? ''),
    mode: 'signal',
    occurredAt: fired.at,
    // It has no offset in the log, so it is as old as its decision.
    appendedAtMs: nowMs,
    ticker,
    confidence: null,
    minConfidence: null,
    // The waiting signal's quality was checked when it was counted.
    quality: pipeline.minQuality,
    signalType: fired.consumed[0]?.signalType ?? null,
    source: null,
    direction: null,
    firing: firedDetail(rule, fired),
  };
}
