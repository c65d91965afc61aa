import type { SignalDirection } from '../signals/signal';

/** What starts a run of a pipeline. */
export const TRIGGER_MODES = ['signal', 'periodic', 'manual', 'webhook'] as const;
export type TriggerMode = (typeof TRIGGER_MODES)[number];

/** What happens when a trigger arrives while a run of the same pipeline is active. */
export const OVERLAP_POLICIES = ['skip'] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** Where orders go. */
export const PIPELINE_MODES = ['paper'] as const;
export type PipelineMode = (typeof PIPELINE_MODES)[number];

/** The agents of an execution, in the order they run. */
export const AGENT_TYPES = ['market_data', 'bias', 'strategy', 'risk_manager', 'order_manager'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/** One wish of a pipeline: signals of this type, direction and at least this confidence. */
export interface SignalSubscription {
  readonly signalType: string;
  /** 0..100, inclusive; 0 when the pipeline does not care. */
  readonly minConfidence: number;
  /** Absent: every direction. */
  readonly direction?: SignalDirection | undefined;
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

/** A user's pipeline at one version. Immutable: every change makes a new version. */
export interface Pipeline {
  readonly id: string;
  readonly version: number;
  readonly userId: string;
  readonly name: string;
  readonly triggerMode: TriggerMode;
  readonly isActive: boolean;
  /** Resolved tickers: the scanner's when it names one, else its own. */
  readonly tickers: readonly string[];
  readonly scannerId: string | null;
  /** Empty: every signal type, every direction, every confidence. */
  readonly subscriptions: readonly SignalSubscription[];
  readonly overlapPolicy: OverlapPolicy;
  /** Least event time between two triggers; 0 for none. */
  readonly cooldownMs: number;
  /** Oldest signal that may still trigger, by broker append time; 0 for no limit. */
  readonly maxSignalAgeMs: number;
  /** Cron expression with its IANA zone; null unless `triggerMode` is `periodic`. */
  readonly schedule: { readonly cron: string; readonly timeZone: string } | null;
  readonly agents: AgentSettings;
  readonly mode: PipelineMode;
}
