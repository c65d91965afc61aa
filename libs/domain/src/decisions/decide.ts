import type { Pipeline } from '../pipelines/pipeline';
import { executionIdOf } from '../signals/ids';
import type { DecidedTrigger, Decision, DecisionDetail, PendingTrigger, PipelineState, Trigger } from './decision';

/** State of a pipeline that has never run. */
export function initialPipelineState(pipeline: Pipeline): PipelineState {
  return {
    pipelineId: pipeline.id,
    isActive: pipeline.isActive,
    version: pipeline.version,
    activeExecutionId: null,
    lastTriggeredAt: null,
  };
}

/**
 * Decides one trigger of one pipeline. Pure; `nowMs` is the clock of the authority (Postgres), used for the age only.
 *
 * The checks run in the order in which their reason helps most, and the first that refuses names the outcome:
 * 1. EXPIRED `pipeline_inactive`: switched off since it was matched; nothing else matters then. A manual run is an
 *    explicit wish and may run a pipeline that is switched off.
 * 2. EXPIRED `signal_too_old`: a fact of the trigger alone; it would not trade even if the pipeline were free.
 * 3. SKIPPED_ACTIVE: names the execution that holds the place. During a run its own cooldown usually runs, too, and
 *    "cooldown" would then hide the thing a reader can look at; the detail says when both were true.
 * 4. SKIPPED_COOLDOWN: in event time and in both directions, so that replay and live, and triggers that arrive out of
 *    order, agree.
 */
export function decide(pipeline: Pipeline, state: PipelineState, trigger: Trigger, nowMs: number): Decision {
  // A broker clock ahead of ours must not look like a fresh kind of error: age never goes below 0.
  const ageMs = Math.max(0, nowMs - trigger.appendedAtMs);
  const cooldownLeftMs = remainingCooldownMs(pipeline, state, trigger);
  const detail: DecisionDetail = {
    trigger_mode: trigger.mode,
    ticker: trigger.ticker,
    confidence: trigger.confidence,
    occurred_at: trigger.occurredAt,
    age_ms: ageMs,
    pipeline_version: pipeline.version,
    ...(state.version === pipeline.version ? {} : { current_version: state.version }),
  };

  if (!state.isActive && trigger.mode !== 'manual') {
    return { outcome: 'EXPIRED', reason: 'pipeline_inactive', detail };
  }
  if (pipeline.maxSignalAgeMs > 0 && ageMs > pipeline.maxSignalAgeMs) {
    return {
      outcome: 'EXPIRED',
      reason: 'signal_too_old',
      detail: { ...detail, max_signal_age_ms: pipeline.maxSignalAgeMs },
    };
  }
  if (state.activeExecutionId !== null) {
    return {
      outcome: 'SKIPPED_ACTIVE',
      reason: 'execution_active',
      detail: { ...detail, active_execution_id: state.activeExecutionId, also_in_cooldown: cooldownLeftMs > 0 },
    };
  }
  if (cooldownLeftMs > 0) {
    return {
      outcome: 'SKIPPED_COOLDOWN',
      reason: 'cooldown_running',
      detail: {
        ...detail,
        cooldown_ms: pipeline.cooldownMs,
        last_triggered_at: state.lastTriggeredAt,
        cooldown_left_ms: cooldownLeftMs,
      },
    };
  }
  return { outcome: 'TRIGGERED', reason: 'trigger_accepted', detail };
}

/** Event-time distance still missing to the cooldown; 0 when none runs. */
function remainingCooldownMs(pipeline: Pipeline, state: PipelineState, trigger: Trigger): number {
  if (state.lastTriggeredAt === null || pipeline.cooldownMs <= 0) return 0;
  return Math.max(0, pipeline.cooldownMs - Math.abs(trigger.occurredAt - state.lastTriggeredAt));
}

/** The state after a decision; unchanged (the same object) unless TRIGGERED. */
export function applyDecision(
  state: PipelineState,
  decision: Decision,
  triggered: { readonly executionId: string; readonly occurredAt: number },
): PipelineState {
  if (decision.outcome !== 'TRIGGERED') return state;
  return { ...state, activeExecutionId: triggered.executionId, lastTriggeredAt: triggered.occurredAt };
}

export interface DecideAllOptions {
  /** Now of the authority, epoch ms; one value for the whole sequence. */
  readonly nowMs: number;
}

export interface DecidedSequence {
  /** One per distinct (pipeline, trigger) pair, in the order given. */
  readonly decided: readonly DecidedTrigger[];
  /** New state of every pipeline that was TRIGGERED. */
  readonly changedStates: ReadonlyMap<string, PipelineState>;
}

/**
 * Decides many triggers in log order, each on the state its predecessors left. A pair named twice is decided once.
 * A pipeline without a state has never run.
 */
export function decideAll(
  pending: readonly PendingTrigger[],
  states: ReadonlyMap<string, PipelineState>,
  options: DecideAllOptions,
): DecidedSequence {
  const changedStates = new Map<string, PipelineState>();
  const seen = new Set<string>();
  const decided: DecidedTrigger[] = [];
  for (const { pipeline, trigger } of pending) {
    const pair = `${pipeline.id}/${trigger.triggerId}`;
    if (seen.has(pair)) continue;
    seen.add(pair);
    const state = changedStates.get(pipeline.id) ?? states.get(pipeline.id) ?? initialPipelineState(pipeline);
    const decision = decide(pipeline, state, trigger, options.nowMs);
    if (decision.outcome !== 'TRIGGERED') {
      decided.push({ pipeline, trigger, decision, executionId: null });
      continue;
    }
    const executionId = executionIdOf(pipeline.id, trigger.triggerId);
    changedStates.set(pipeline.id, applyDecision(state, decision, { executionId, occurredAt: trigger.occurredAt }));
    decided.push({ pipeline, trigger, decision, executionId });
  }
  return { decided, changedStates };
}
