import type { SignalDirection } from '@tripline/market';
import type { NearMissReason } from '@tripline/matching';

import type { DecisionLogEntry } from '../decisions/decision-records';

/** Near misses kept per pipeline. The newest replace the oldest. */
export const NEAR_MISSES_PER_PIPELINE = 50;

/** Stored detail of a near miss: the values of the signal and the values the pipeline required. */
export interface NearMissDetail {
  readonly pipeline_version: number;
  readonly direction: SignalDirection;
  readonly confidence: number;
  readonly source: string;
  /** The nearest subscription; null when the pipeline accepts any signal. */
  readonly wanted_type: string | null;
  readonly wanted_direction: SignalDirection | null;
  readonly wanted_source: string | null;
  readonly min_confidence: number;
  /** Missing confidence points; 0 when another condition failed. */
  readonly short_by: number;
}

/** A signal on a ticker of a pipeline that did not match it. Times are epoch ms. */
export interface NearMissRecord {
  readonly pipelineId: string;
  readonly signalId: string;
  readonly signalType: string;
  readonly ticker: string;
  readonly reason: NearMissReason;
  readonly detail: NearMissDetail;
  readonly occurredAt: number;
}

/** One entry of the "why" list: a decision or a near miss. */
export type WhyEntry =
  | ({ readonly kind: 'decision'; readonly at: number } & DecisionLogEntry)
  | ({ readonly kind: 'near_miss'; readonly at: number } & NearMissRecord);
