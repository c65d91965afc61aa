import type { DecisionOutcome } from '../outcome';
import type { SimulatedDecision } from './simulation';

/** A decision from the decision log. */
export interface RecordedDecision {
  readonly triggerId: string;
  readonly pipelineVersion: number;
  readonly outcome: DecisionOutcome;
  readonly reason: string;
  /** Epoch ms. */
  readonly occurredAt: number;
  readonly decidedAt: number;
}

export const DIFFERENCE_KINDS = ['different', 'only_then', 'only_now'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One trigger whose outcome differs between the decision log and the simulation. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly triggerId: string;
  readonly then: RecordedDecision | null;
  readonly now: SimulatedDecision | null;
  /** Why, in words, most likely cause first. */
  readonly causes: readonly string[];
}

export interface DecisionDiff {
  /** Triggers with the same outcome in both. */
  readonly same: number;
  /** Ordered by event time. */
  readonly differences: readonly Difference[];
}

/** What the causes are derived from. */
export interface DiffContext {
  /** Version that was simulated. */
  readonly version: number;
  /** When the pipeline and the simulated version of it were created, epoch ms. */
  readonly pipelineMadeAt: number;
  readonly versionMadeAt: number;
  /** How long executions were assumed to last, ms. */
  readonly runMs: number;
}

/** Compares a simulation with the decision log, trigger by trigger. */
export function diffDecisions(
  then: readonly RecordedDecision[],
  now: readonly SimulatedDecision[],
  context: DiffContext,
): DecisionDiff {
  const left = new Map(then.map((decision) => [decision.triggerId, decision]));
  const differences: Difference[] = [];
  let same = 0;
  for (const simulated of now) {
    const { triggerId } = simulated;
    const recorded = left.get(triggerId);
    left.delete(triggerId);
    if (recorded === undefined) {
      const causes = causesOfOnlyNow(simulated, context);
      differences.push({ kind: 'only_now', triggerId, then: null, now: simulated, causes });
    } else if (recorded.outcome === simulated.outcome) {
      same += 1;
    } else {
      const causes = causesOfChange(recorded, simulated, context);
      differences.push({ kind: 'different', triggerId, then: recorded, now: simulated, causes });
    }
  }
  for (const recorded of left.values()) {
    const causes = causesOfOnlyThen(recorded, context);
    differences.push({ kind: 'only_then', triggerId: recorded.triggerId, then: recorded, now: null, causes });
  }
  return { same, differences: differences.sort((a, b) => occurredAtOf(a) - occurredAtOf(b)) };
}

const occurredAtOf = ({ then, now }: Difference): number => then?.occurredAt ?? now?.occurredAt ?? 0;

/** Why a recorded outcome differs from the simulated one, by the recorded outcome. */
const CAUSES_THEN: Readonly<Partial<Record<DecisionOutcome, (context: DiffContext) => string>>> = {
  SKIPPED_ACTIVE: ({ runMs }) =>
    `an execution was active; in the simulation each execution is assumed to last ${seconds(runMs)}`,
  SKIPPED_COOLDOWN: () => 'another trigger had started the cooldown',
  SKIPPED_QUOTA: () => 'the quota of the user was used up; a simulation ignores quotas',
  SKIPPED_RISK_HALT: () => 'trading was halted; a simulation ignores halts',
  COALESCED: () => 'the rule or the queue held other signals',
};
/** The same, by the simulated outcome. */
const CAUSES_NOW: typeof CAUSES_THEN = {
  SKIPPED_ACTIVE: ({ runMs }) =>
    `an execution is active in the simulation, because each is assumed to last ${seconds(runMs)}`,
  SKIPPED_COOLDOWN: () => 'another trigger starts the cooldown in the simulation',
  COALESCED: () => 'the rule or the queue holds other signals in the simulation',
  SKIPPED_MARKET_CLOSED: () => 'the simulated version triggers only during market hours',
  SKIPPED_QUALITY: () => 'the simulated version requires a higher data quality',
};

function causesOfChange(then: RecordedDecision, now: SimulatedDecision, context: DiffContext): string[] {
  const causes = causesOfVersion(then, context);
  if (then.reason === 'pipeline_inactive') causes.push('the pipeline was switched off');
  if (then.reason === 'signal_too_old') {
    causes.push(
      `it was decided ${seconds(then.decidedAt - now.decidedAt)} after Kafka appended it; a simulation decides at once`,
    );
  }
  if (now.reason === 'signal_too_old') causes.push('the simulated version has a lower age limit');
  const cause = CAUSES_THEN[then.outcome] ?? CAUSES_NOW[now.outcome];
  if (cause !== undefined) causes.push(cause(context));
  return causes.length > 0 ? causes : ['earlier decisions differ'];
}

function causesOfOnlyNow(now: SimulatedDecision, { version, pipelineMadeAt, versionMadeAt }: DiffContext): string[] {
  if (now.decidedAt < pipelineMadeAt) return ['the pipeline was created later'];
  if (now.decidedAt < versionMadeAt)
    return [`version ${version} was created later, and the version before it did not match this signal`];
  return ['no decision was recorded: the pipeline was switched off, or the change was not yet in effect'];
}

function causesOfOnlyThen(then: RecordedDecision, context: DiffContext): string[] {
  const causes = causesOfVersion(then, context);
  return causes.length > 0
    ? [...causes, `version ${context.version} does not match this signal`]
    : ['this signal is no longer in the log, or a deadline was due at another time'];
}

function causesOfVersion({ pipelineVersion }: RecordedDecision, { version }: DiffContext): string[] {
  return pipelineVersion === version ? [] : [`version ${pipelineVersion} was live, version ${version} was simulated`];
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
