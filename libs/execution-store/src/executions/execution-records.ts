import type { DecimalString, IntentState, OrderIntent, Position } from '@tripline/trading';
import type { SignalDirection } from '@tripline/market';
import type { AgentType, ExecutionStatus, Pipeline, ExecutionDenial, Signal, TriggerMode } from '@tripline/triggers';

/** What one agent left behind; memoised, so that a retry does not ask the agent again. */
export interface StepRecord {
  /** 1-based place in the run. */
  readonly stepNo: number;
  readonly agent: AgentType;
  readonly status: 'continue' | 'stop' | 'failed';
  readonly reason: string | null;
  readonly message: string | null;
  /** The agent's typed result as JSON. */
  readonly output: unknown;
  readonly durationMs: number;
  /** USD. */
  readonly cost: DecimalString;
}

/** What was decided to send. The stored row wins over any later answer of the agents. */
export interface IntentRecord {
  /** Exactly as first checkpointed. */
  readonly intent: OrderIntent;
  readonly state: IntentState;
  /** Since its last change when the run was claimed, ms by Postgres' clock: when `submitted`, since it was about to be sent. */
  readonly ageMs: number;
}

/** The paper account of a pipeline; `version` grows with every change. */
export interface AccountState {
  readonly initialCash: DecimalString;
  readonly cash: DecimalString;
  readonly version: number;
}

/** Proof of a claim; every later write names it. */
export interface Lease {
  readonly executionId: string;
  readonly leaseToken: number;
}

/** A run that must not start any more: it has been ended as `skipped`. */
export interface DeniedStart {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly userId: string;
  readonly triggerMode: TriggerMode;
  readonly denial: ExecutionDenial;
}

/** A run that waits for its job: just created, given back, or at its turn in the queue of its pipeline. */
export interface DueExecution {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly userId: string;
  readonly generation: number;
  readonly traceparent: string | null;
}

/** Everything a worker needs for one run, read in the round trip that claims it. */
export interface ClaimedExecution extends Lease {
  readonly pipelineId: string;
  readonly userId: string;
  readonly triggerMode: TriggerMode;
  /** Ticker the trigger named; null for periodic and manual runs without one. */
  readonly ticker: string | null;
  readonly direction: SignalDirection | null;
  /** Event time of the trigger, epoch ms. */
  readonly occurredAt: number;
  /** When the broker took the signal, epoch ms; null for runs without one. */
  readonly appendedAt: number | null;
  /** 1-based. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly generation: number;
  readonly createdAt: number;
  readonly leaseUntil: number;
  readonly deadlineAt: number;
  /** Until when an order may be sent by the age of the signal, epoch ms; null without a limit. */
  readonly freshUntil: number | null;
  readonly traceparent: string | null;
  /** The pipeline as it was at the version that was triggered. */
  readonly pipeline: Pipeline;
  /** Null for periodic and manual runs. */
  readonly signal: Signal | null;
  readonly steps: readonly StepRecord[];
  readonly intent: IntentRecord | null;
  readonly account: AccountState;
  /** Every position of the account that is not flat or ever was. */
  readonly positions: readonly Position[];
}

/** One execution as lists show it. Times are epoch ms. */
export interface ExecutionRecord {
  readonly executionId: string;
  readonly userId: string;
  readonly pipelineId: string;
  readonly pipelineVersion: number;
  readonly pipelineName: string;
  readonly triggerMode: TriggerMode;
  readonly signalId: string;
  readonly signalType: string | null;
  readonly ticker: string | null;
  readonly direction: SignalDirection | null;
  readonly status: ExecutionStatus;
  readonly attempt: number;
  readonly occurredAt: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly cost: DecimalString;
  readonly stopReason: string | null;
  readonly result: unknown;
  readonly error: string | null;
  readonly traceparent: string | null;
}
