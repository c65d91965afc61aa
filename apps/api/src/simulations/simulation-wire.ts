import type { DecisionDiff, Difference, SimulatedDecision, SimulationSummary } from '@tripline/decisions';
import type { z } from 'zod';

import type { AssumedRun } from './run-simulation';
import type { replaySchema, simulationSchema } from './simulation-schemas';

type ReplayResource = z.output<typeof replaySchema>;
type SimulationResource = z.output<typeof simulationSchema>;
type DecisionResource = SimulationResource['samples'][number];

/** Reasons that depend on the account or the current state rather than on the definition. */
const LEFT_OUT = ['halts', 'quotas', 'runs that were started by hand, by schedule or by webhook'];

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

export function simulatedResource(decision: SimulatedDecision): DecisionResource {
  const { triggerId, signalType, ticker, direction, confidence, outcome, reason, detail } = decision;
  return {
    signal_id: triggerId,
    signal_type: signalType,
    ticker,
    direction,
    confidence,
    outcome,
    reason,
    detail: { ...detail },
    occurred_at: iso(decision.occurredAt),
    decided_at: iso(decision.decidedAt),
  };
}

export function countsOf(summary: SimulationSummary, spanMs: number) {
  const byOutcome = summary.byOutcome();
  return {
    summary: summary.text(spanMs),
    fired: byOutcome.TRIGGERED ?? 0,
    decided: summary.total,
    by_outcome: byOutcome,
    by_reason: summary.byReason(),
  };
}

export interface Basis {
  readonly from: number;
  readonly to: number;
  readonly read: number;
  readonly truncatedBy: SimulationResource['truncated_by'];
  readonly assumed: AssumedRun;
}

export function basisOf({ from, to, read, truncatedBy, assumed }: Basis) {
  return {
    range: { from: iso(from), to: iso(to) },
    signals_read: read,
    truncated: truncatedBy !== null,
    truncated_by: truncatedBy,
    assumed: {
      run_seconds: Math.round(assumed.runMs) / 1000,
      run_seconds_from: assumed.from,
      left_out: LEFT_OUT,
    },
  };
}

export function diffResource({ same, differences }: DecisionDiff, limit: number): ReplayResource['diff'] {
  const count = (kind: Difference['kind']): number => differences.filter((entry) => entry.kind === kind).length;
  return {
    same,
    different: count('different'),
    only_then: count('only_then'),
    only_now: count('only_now'),
    differences: differences.slice(0, limit).map(differenceResource),
  };
}

function differenceResource({ kind, triggerId, then, now, causes }: Difference) {
  return {
    kind,
    signal_id: triggerId,
    occurred_at: iso(then?.occurredAt ?? now?.occurredAt ?? 0),
    then: then && {
      outcome: then.outcome,
      reason: then.reason,
      pipeline_version: then.pipelineVersion,
      decided_at: iso(then.decidedAt),
    },
    now: now && simulatedResource(now),
    causes: [...causes],
  };
}

/** The newest items of a list that is ordered oldest first. */
export function newest(decisions: readonly SimulatedDecision[], limit: number): DecisionResource[] {
  return decisions.slice(Math.max(0, decisions.length - limit)).map(simulatedResource);
}
