import type { SignalDirection } from '@tripline/market';
import type { NearMissReason } from '@tripline/matching';

import type { DecisionLogEntry } from '../decisions/decision-records';

/** Near misses kept per pipeline: the newest take the places of the oldest. */
export const NEAR_MISSES_PER_PIPELINE = 50;

/** What is kept of a near miss: the values of the signal, and what the pipeline wanted instead. */
export interface NearMissDetail {
  readonly pipeline_version: number;
  readonly direction: SignalDirection;
  readonly confidence: number;
  readonly source: string;
  /** The wish that came nearest; null where it wants anything. */
  readonly wanted_type: string | null;
  readonly wanted_direction: SignalDirection | null;
  readonly wanted_source: string | null;
  readonly min_confidence: number;
  /** Confidence points that were missing; 0 when something else kept the signal away. */
  readonly short_by: number;
}

/** A signal on a ticker of a pipeline that did not fit it. Times are epoch ms. */
export interface NearMissRecord {
  readonly pipelineId: string;
  readonly signalId: string;
  readonly signalType: string;
  readonly ticker: string;
  readonly reason: NearMissReason;
  readonly detail: NearMissDetail;
  readonly occurredAt: number;
}

/** A line of the answer to "why": a decision, or a signal that came near. */
export type WhyEntry =
  | ({ readonly kind: 'decision'; readonly at: number } & DecisionLogEntry)
  | ({ readonly kind: 'near_miss'; readonly at: number } & NearMissRecord);
