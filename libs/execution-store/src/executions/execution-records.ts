import type { DecimalString, IntentState, OrderIntent, Position } from '@tripline/trading';
import type { SignalDirection } from '@tripline/market';
import type { AgentType, ExecutionStatus, Pipeline, ExecutionDenial, Signal, TriggerMode } from '@tripline/triggers';

/** The stored result of one agent, so that a retry does not call the agent again. */
export interface StepRecord {
  /** 1-based index in the execution. */
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

/** The intended order. The stored row takes precedence over any later answer of the agents. */
export interface IntentRecord {
  /** Exactly as first checkpointed. */
  readonly intent: OrderIntent;
  readonly state: IntentState;
  /**
   * Time between its last change and the claim, ms by PostgreSQL's clock. For a `submitted` intent: since it was about
   * to be sent.
   */
  readonly ageMs: number;
}

/** The paper account of a pipeline; `version` increases with every change. */
export interface AccountState {
  readonly initialCash: DecimalString;
  readonly cash: DecimalString;
  readonly version: number;
}

/** Proof of a claim; every later write must present it. */
export interface Lease {
  readonly executionId: string;
  readonly leaseToken: number;
}

/** An execution that must not start any more: it has been ended as `skipped`. */
export interface DeniedStart {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly userId: string;
  readonly triggerMode: TriggerMode;
  readonly denial: ExecutionDenial;
}

/** An execution that waits for its job: just created, requeued, or promoted from the queue of its pipeline. */
export interface DueExecution {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly userId: string;
  readonly generation: number;
  readonly traceparent: string | null;
}

/** Everything a worker needs for one execution, read in the round trip that claims it. */
export interface ClaimedExecution extends Lease {
  readonly pipelineId: string;
  readonly userId: string;
  readonly triggerMode: TriggerMode;
  /** Ticker of the trigger; null for periodic and manual triggers without one. */
  readonly ticker: string | null;
  readonly direction: SignalDirection | null;
  /** Event time of the trigger, epoch ms. */
  readonly occurredAt: number;
  /** When the broker took the signal, epoch ms; null without a signal. */
  readonly appendedAt: number | null;
  /** 1-based. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly generation: number;
  readonly createdAt: number;
  readonly leaseUntil: number;
  readonly deadlineAt: number;
  /** Until when the age of the signal allows an order, epoch ms; null without a limit. */
  readonly freshUntil: number | null;
  readonly traceparent: string | null;
  /** The pipeline at the version that was triggered. */
  readonly pipeline: Pipeline;
  /** Null for periodic and manual executions. */
  readonly signal: Signal | null;
  readonly steps: readonly StepRecord[];
  readonly intent: IntentRecord | null;
  readonly account: AccountState;
  /** Every position of the account, including closed ones. */
  readonly positions: readonly Position[];
}

/** One execution as shown in lists. Times are epoch ms. */
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
