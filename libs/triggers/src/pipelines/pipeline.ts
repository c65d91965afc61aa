import type { MarketSession, SignalDirection } from '@tripline/market';

/** What starts an execution of a pipeline. */
export const TRIGGER_MODES = ['signal', 'periodic', 'manual', 'webhook'] as const;
export type TriggerMode = (typeof TRIGGER_MODES)[number];

/** The policy for a trigger that arrives while an execution of the same overlap key is active. */
export const OVERLAP_POLICIES = ['skip', 'replace', 'queue_latest', 'queue', 'parallel'] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** The scope in which executions must not overlap: the pipeline, or the pipeline on one ticker. */
export const OVERLAP_KEYS = ['pipeline', 'ticker'] as const;
export type OverlapKey = (typeof OVERLAP_KEYS)[number];

/** The overlap policy with its numbers. */
export interface OverlapRule {
  readonly policy: OverlapPolicy;
  readonly key: OverlapKey;
  /** `queue`: how many triggers may wait; `parallel`: how many executions at once; 1 for the others. */
  readonly limit: number;
  /** Longest wait of a trigger in the queue, ms; 0 for no limit. Only for `queue` and `queue_latest`. */
  readonly ttlMs: number;
}

/** Where a signal's age is measured from: its event time, or the broker's append time (replayed history). */
export const SIGNAL_AGE_ORIGINS = ['event', 'append'] as const;
export type SignalAgeOrigin = (typeof SIGNAL_AGE_ORIGINS)[number];

/**
 * Which missed scheduled executions are caught up after the dispatchers were down: none, one for all of them, or each.
 */
export const CATCH_UP_POLICIES = ['skip', 'latest', 'all'] as const;
export type CatchUpPolicy = (typeof CATCH_UP_POLICIES)[number];

/** Where orders go. */
export const PIPELINE_MODES = ['paper'] as const;
export type PipelineMode = (typeof PIPELINE_MODES)[number];

/** The agents of an execution, in the order they run. */
export const AGENT_TYPES = ['market_data', 'bias', 'strategy', 'risk_manager', 'order_manager'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/** One subscription of a pipeline: signals of this type, direction and source with at least this confidence. */
export interface SignalSubscription {
  /** Absent: any type. */
  readonly signalType?: string | undefined;
  /** 0..100, inclusive; 0 for no minimum. */
  readonly minConfidence: number;
  /** Absent: any direction. */
  readonly direction?: SignalDirection | undefined;
  /** The signal's exact `source`; absent: any source. */
  readonly source?: string | undefined;
}

/**
 * How several signals make one trigger: `all` of the conditions, `any` of them, `count` of them (`n_of`), all in the
 * given order (`sequence`), each within `withinMs` of event time; or the first condition followed by no veto signal
 * (`absence`).
 */
export const RULE_KINDS = ['all', 'any', 'n_of', 'sequence', 'absence'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** A rule over several signals of one ticker. */
export interface SignalRule {
  readonly kind: RuleKind;
  /** One signal meets one condition. */
  readonly conditions: readonly SignalSubscription[];
  /** How many conditions must be met; used by `n_of`, else the number of conditions. */
  readonly count: number;
  /** Window of event time, ms. */
  readonly withinMs: number;
  /** Veto signals: none may lie within the window; for `absence`, none may follow within it. */
  readonly noneOf: readonly SignalSubscription[];
}

/** When a periodic pipeline runs. */
export interface Schedule {
  /** Cron expression; null when `at` is given. */
  readonly cron: string | null;
  /** Time relative to the market's session, e.g. `open+5m`; null when `cron` is given. */
  readonly at: string | null;
  /** Calendar behind `at`; null without one. */
  readonly calendar: string | null;
  /** IANA zone of `cron`. */
  readonly timeZone: string;
  readonly catchUp: CatchUpPolicy;
}

/** Settings of the five agents; every field has a default in the contracts schema. */
export interface AgentSettings {
  readonly marketData: { readonly lookbackBars: number };
  readonly bias: { readonly fastPeriod: number; readonly slowPeriod: number };
  readonly strategy: {
    readonly atrPeriod: number;
    readonly stopAtrMultiple: number;
    readonly targetRiskMultiple: number;
  };
  readonly riskManager: {
    /** Percent of account equity at risk per trade, e.g. 1. */
    readonly riskPerTradePercent: number;
    /** Largest position value as a percent of equity, e.g. 25. */
    readonly maxPositionPercent: number;
    readonly allowShort: boolean;
  };
}

/** A user's pipeline at one version. Immutable: every change creates a new version. */
export interface Pipeline {
  readonly id: string;
  readonly version: number;
  readonly userId: string;
  readonly name: string;
  readonly triggerMode: TriggerMode;
  readonly isActive: boolean;
  /** Resolved tickers: the scanner's when it names one, else its own. May hold `*` and patterns such as `BTC-*`. */
  readonly tickers: readonly string[];
  readonly scannerId: string | null;
  /** Empty: any signal type, direction and confidence. */
  readonly subscriptions: readonly SignalSubscription[];
  /**
   * Several signals that make one trigger; null when each signal is a trigger. Its conditions replace the
   * subscriptions.
   */
  readonly rule: SignalRule | null;
  readonly overlap: OverlapRule;
  /** Minimum event time between two triggers; 0 for none. */
  readonly cooldownMs: number;
  /** Maximum age of a signal to trigger, start and order; 0 for no limit. */
  readonly maxSignalAgeMs: number;
  readonly signalAgeFrom: SignalAgeOrigin;
  /** Triggers outside these hours are skipped; null: at any time. */
  readonly market: { readonly calendar: string; readonly session: MarketSession } | null;
  /** Minimum data-quality score (0..1) of a signal; null: any. */
  readonly minQuality: number | null;
  /** The venue that receives the orders; a level of the kill switch. */
  readonly venue: string;
  /** Null unless `triggerMode` is `periodic`. */
  readonly schedule: Schedule | null;
  readonly agents: AgentSettings;
  readonly mode: PipelineMode;
}

/** The subscriptions in the match index: the pipeline's own or, for a rule, its conditions and veto subscriptions. */
export function subscriptionsOf(pipeline: Pick<Pipeline, 'subscriptions' | 'rule'>): readonly SignalSubscription[] {
  return pipeline.rule === null ? pipeline.subscriptions : [...pipeline.rule.conditions, ...pipeline.rule.noneOf];
}
