import { decideAll, initialPipelineState } from '../decide-all';
import type { DecisionDetail, PipelineState, Trigger } from '../decision';
import type { DecisionOutcome } from '../outcome';
import type { DecisionReason } from '../reasons';
import { signalTrigger } from '../signal-trigger';
import { type Pipeline, pipelineMatches, type Signal } from '@tripline/triggers';
import { dueAt } from '../rules/absence';
import { EMPTY_RULE_STATE, type RuleState } from '../rules/rule-state';
import { countTrigger, expireTicker, noteDenied, type RuleMemory } from '../rules/rule-session';
import type { SignalDirection } from '@tripline/market';
import { SimulatedRuns } from './simulated-runs';

/** A signal as stored in the log. */
export interface RecordedSignal {
  readonly signal: Signal;
  /** When Kafka appended it, epoch ms. The simulation decides it at that time. */
  readonly appendedAtMs: number;
}

/** A simulated decision. */
export interface SimulatedDecision {
  /** The signal's id or, for the deadline of an absence, the trigger's id. */
  readonly triggerId: string;
  readonly signalType: string | null;
  readonly ticker: string | null;
  readonly direction: SignalDirection | null;
  readonly confidence: number | null;
  readonly occurredAt: number;
  /** Epoch ms of the simulated clock. */
  readonly decidedAt: number;
  readonly outcome: DecisionOutcome;
  readonly reason: DecisionReason;
  readonly detail: DecisionDetail;
}

export interface SimulationOptions {
  /** How long each execution is assumed to last, ms. */
  readonly runMs: number;
  /**
   * Signals appended before this time (epoch ms) count for rules, cooldown and executions but are not reported.
   * Default: none.
   */
  readonly reportFromMs?: number;
  readonly onDecision: (decision: SimulatedDecision) => void;
}

/**
 * Decides recorded signals for one pipeline as the dispatcher would have, without side effects: the same matching,
 * rules and decisions, on a clock set to the time each signal was appended. The pipeline counts as switched on. Halts
 * and quotas are ignored, because they belong to the account and not to the definition. The same signals give the same
 * result.
 */
export class Simulation {
  /** Signals considered, including those on other tickers. */
  considered = 0;
  readonly #pipeline: Pipeline;
  readonly #runs: SimulatedRuns;
  readonly #rules = new TickerMemory();
  readonly #seen = new Set<string>();
  #state: PipelineState;

  constructor(
    pipeline: Pipeline,
    private readonly options: SimulationOptions,
  ) {
    this.#pipeline = { ...pipeline, isActive: true };
    this.#runs = new SimulatedRuns(options.runMs);
    this.#state = initialPipelineState(this.#pipeline);
  }

  /** Whether the signal matches the pipeline, treated as switched on. */
  matches(signal: Signal): boolean {
    return pipelineMatches(this.#pipeline, signal) !== null;
  }

  /** Processes the next signal, in order of append time. */
  feed({ signal, appendedAtMs }: RecordedSignal): void {
    this.considered += 1;
    const match = pipelineMatches(this.#pipeline, signal);
    if (match === null || this.#seen.has(signal.signalId)) return;
    this.#seen.add(signal.signalId);
    this.advanceTo(appendedAtMs);
    this.#decide(signalTrigger(signal, match, appendedAtMs), appendedAtMs);
  }

  /**
   * Advances the clock: executions end and deadlines fall due. Call it last with the end of the range. @param nowMs
   * epoch ms
   */
  advanceTo(nowMs: number): void {
    for (;;) {
      const due = this.#rules.nextDue(this.#pipeline);
      if (due === null || due.at > nowMs) break;
      this.#state = this.#runs.endUntil(this.#state, due.at);
      for (const trigger of expireTicker(this.#rules, this.#pipeline, due.ticker, due.at))
        this.#decide(trigger, due.at);
    }
    this.#state = this.#runs.endUntil(this.#state, nowMs);
  }

  #decide(trigger: Trigger, nowMs: number): void {
    const pipeline = this.#pipeline;
    const { decided, changedStates } = decideAll([{ pipeline, trigger }], new Map([[pipeline.id, this.#state]]), {
      nowMs,
      advanceRule: (owner, counted) => countTrigger(this.#rules, owner, counted, nowMs),
      noteDenied: (owner, refused) => noteDenied(this.#rules, owner, refused, nowMs),
    });
    this.#state = changedStates.get(pipeline.id) ?? this.#state;
    for (const item of decided) {
      this.#runs.add(item, nowMs);
      if (nowMs < (this.options.reportFromMs ?? -Infinity)) continue;
      const { outcome, reason, detail } = item.decision;
      const { triggerId, signalType, ticker, direction, confidence, occurredAt } = trigger;
      this.options.onDecision({
        ...{ triggerId, signalType, ticker, direction, confidence, occurredAt },
        ...{ decidedAt: nowMs, outcome, reason, detail },
      });
    }
  }
}

/** States by ticker, with their deadlines. */
class TickerMemory implements RuleMemory {
  readonly #states = new Map<string, RuleState>();
  /** Tickers that may have a deadline. */
  readonly #due = new Map<string, number>();

  get(_pipeline: Pipeline, ticker: string): RuleState {
    return this.#states.get(ticker) ?? EMPTY_RULE_STATE;
  }

  set(pipeline: Pipeline, ticker: string, state: RuleState): void {
    this.#states.set(ticker, state);
    const at = pipeline.rule === null ? null : dueAt(pipeline.rule, state);
    if (at === null) this.#due.delete(ticker);
    else this.#due.set(ticker, at);
  }

  nextDue(pipeline: Pipeline): { readonly ticker: string; readonly at: number } | null {
    if (pipeline.rule?.kind !== 'absence') return null;
    let next: { ticker: string; at: number } | null = null;
    for (const [ticker, at] of this.#due) if (next === null || at < next.at) next = { ticker, at };
    return next;
  }
}
