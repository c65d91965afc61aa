import type { DecisionOutcome } from '../outcome';
import type { SimulatedDecision } from './simulation';

/** A decision as the ledger has it. */
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

/** One trigger that was decided otherwise then. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly triggerId: string;
  readonly then: RecordedDecision | null;
  readonly now: SimulatedDecision | null;
  /** Why, in words, the likeliest first. */
  readonly causes: readonly string[];
}

export interface DecisionDiff {
  /** Triggers with the same outcome then and now. */
  readonly same: number;
  /** In the order of event time. */
  readonly differences: readonly Difference[];
}

/** What the causes are told from. */
export interface DiffContext {
  /** Version that was simulated. */
  readonly version: number;
  /** When the pipeline, and the simulated version of it, were made, epoch ms. */
  readonly pipelineMadeAt: number;
  readonly versionMadeAt: number;
  /** How long runs were assumed to last, ms. */
  readonly runMs: number;
}

/** Compares a simulation with what happened, trigger by trigger. */
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

/** Why an outcome of then is not that of now, by what refused it then. */
const CAUSES_THEN: Readonly<Partial<Record<DecisionOutcome, (context: DiffContext) => string>>> = {
  SKIPPED_ACTIVE: ({ runMs }) => `a run was in the way then; here each run is assumed to last ${seconds(runMs)}`,
  SKIPPED_COOLDOWN: () => 'another trigger had started the cooldown then',
  SKIPPED_QUOTA: () => 'the quota of the account was used up then; a simulation leaves quotas out',
  SKIPPED_RISK_HALT: () => 'trading was halted then; a simulation leaves halts out',
  COALESCED: () => 'the rule, or the queue, held other signals then',
};
/** The same, by what refuses it now. */
const CAUSES_NOW: typeof CAUSES_THEN = {
  SKIPPED_ACTIVE: ({ runMs }) => `a run is in the way here, because each is assumed to last ${seconds(runMs)}`,
  SKIPPED_COOLDOWN: () => 'another trigger starts the cooldown here',
  COALESCED: () => 'the rule, or the queue, holds other signals here',
  SKIPPED_MARKET_CLOSED: () => 'the version that was simulated keeps to market hours',
  SKIPPED_QUALITY: () => 'the version that was simulated asks for more data quality',
};

function causesOfChange(then: RecordedDecision, now: SimulatedDecision, context: DiffContext): string[] {
  const causes = causesOfVersion(then, context);
  if (then.reason === 'pipeline_inactive') causes.push('the pipeline was switched off then');
  if (then.reason === 'signal_too_old') {
    causes.push(
      `it was decided ${seconds(then.decidedAt - now.decidedAt)} after the log took it; a simulation decides at once`,
    );
  }
  if (now.reason === 'signal_too_old') causes.push('the version that was simulated takes younger signals only');
  const cause = CAUSES_THEN[then.outcome] ?? CAUSES_NOW[now.outcome];
  if (cause !== undefined) causes.push(cause(context));
  return causes.length > 0 ? causes : ['what came before it was decided otherwise'];
}

function causesOfOnlyNow(now: SimulatedDecision, { version, pipelineMadeAt, versionMadeAt }: DiffContext): string[] {
  if (now.decidedAt < pipelineMadeAt) return ['the pipeline was made later'];
  if (now.decidedAt < versionMadeAt)
    return [`version ${version} was made later, and the one before it did not want this signal`];
  return ['nothing was decided then: the pipeline was switched off, or the change was not in effect yet'];
}

function causesOfOnlyThen(then: RecordedDecision, context: DiffContext): string[] {
  const causes = causesOfVersion(then, context);
  return causes.length > 0
    ? [...causes, `version ${context.version} does not want this signal`]
    : ['the log no longer has this signal, or a waiting deadline fell due at another time'];
}

function causesOfVersion({ pipelineVersion }: RecordedDecision, { version }: DiffContext): string[] {
  return pipelineVersion === version
    ? []
    : [`version ${pipelineVersion} decided then, version ${version} was simulated`];
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
