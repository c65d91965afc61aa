import {
  type DecisionDiff,
  diffDecisions,
  type RecordedSignal,
  type SimulatedDecision,
  SimulationSummary,
} from '@tripline/decisions';
import { type Pipeline, pipelineMatches, type Signal } from '@tripline/triggers';
import type { SimulationStore } from '@tripline/decision-store';

import { type AssumedRun, runSimulation } from './run-simulation';
import type { LogSlice, SignalLog } from './signal-log';

export interface ReplaySubject {
  /** At the version that is replayed. */
  readonly pipeline: Pipeline;
  /** When the pipeline and the version were made, epoch ms. */
  readonly pipelineMadeAt: number;
  readonly versionMadeAt: number;
  readonly assumed: AssumedRun;
}

export interface ReplayPorts {
  readonly simulations: SimulationStore;
  readonly log: SignalLog;
  /** Topic of the signals. */
  readonly topic: string;
}

export interface ReplayAnswer {
  readonly decisions: readonly SimulatedDecision[];
  readonly summary: SimulationSummary;
  readonly diff: DecisionDiff;
  readonly from: number;
  readonly to: number;
  readonly read: number;
  readonly truncatedBy: LogSlice['truncatedBy'];
}

const DAY_MS = 86_400_000;
/** Decisions of the ledger that one answer compares with. */
const MAX_COMPARED = 50_000;
/** Signals before a single one that its rule may need. */
const MAX_RULE_SIGNALS = 500;

/** How far before the range signals count for rules, cooldown and runs, ms; at most a day. */
export function warmUpMsOf(pipeline: Pipeline, runMs: number): number {
  return Math.min(DAY_MS, Math.max(2 * (pipeline.rule?.withinMs ?? 0), pipeline.cooldownMs, runMs));
}

/** Whether the pipeline, switched on, wants a signal. */
export function wantsOf(pipeline: Pipeline): (signal: Signal) => boolean {
  const active = { ...pipeline, isActive: true };
  return (signal) => pipelineMatches(active, signal) !== null;
}

/** Replays the signals that the log took in [from, to), epoch ms. */
export async function replayRange(
  subject: ReplaySubject,
  { from, to }: { readonly from: number; readonly to: number },
  { simulations, log, topic }: ReplayPorts,
): Promise<ReplayAnswer> {
  const { pipeline, assumed } = subject;
  const warmUpFrom = from - warmUpMsOf(pipeline, assumed.runMs);
  const slice = await log.read({ warmUpFrom, from, to }, wantsOf(pipeline));
  const { until, ranges, read, truncatedBy } = slice;
  const run = await runSimulation(pipeline, slice.records, { runMs: assumed.runMs, from, until });
  const place = { topic, ranges, from, to: until, limit: MAX_COMPARED };
  const then = await simulations.loadDecisions(pipeline.id, place);
  return { ...run, diff: diffDecisions(then, run.decisions, contextOf(subject)), from, to: until, read, truncatedBy };
}

/** Replays one kept signal on a pipeline that is free; for a rule with the kept signals before it. */
export async function replaySignal(
  subject: ReplaySubject,
  record: RecordedSignal,
  { simulations }: ReplayPorts,
): Promise<ReplayAnswer> {
  const { pipeline, assumed } = subject;
  const { signalId } = record.signal;
  const at = record.appendedAtMs;
  const before = await signalsBefore(pipeline, record, simulations);
  const { decisions } = await runSimulation(pipeline, [...before, record], {
    runMs: assumed.runMs,
    from: at,
    until: at,
  });
  const summary = new SimulationSummary();
  const own = decisions.filter(({ triggerId }) => triggerId === signalId);
  for (const decision of own) summary.add(decision);
  const then = await simulations.findDecision(pipeline.id, signalId);
  const diff = diffDecisions(then === null ? [] : [then], own, contextOf(subject));
  return { decisions: own, summary, diff, from: at, to: at + 1, read: before.length + 1, truncatedBy: null };
}

async function signalsBefore(
  pipeline: Pipeline,
  { signal, appendedAtMs }: RecordedSignal,
  simulations: SimulationStore,
): Promise<readonly RecordedSignal[]> {
  if (pipeline.rule === null) return [];
  const tickers = signal.tickers.map(({ ticker }) => ticker);
  const from = appendedAtMs - 2 * pipeline.rule.withinMs;
  const { userId } = pipeline;
  return simulations.loadSignalsBefore(signal.signalId, { userId, tickers, from, limit: MAX_RULE_SIGNALS });
}

function contextOf({ pipeline, pipelineMadeAt, versionMadeAt, assumed }: ReplaySubject) {
  return { version: pipeline.version, pipelineMadeAt, versionMadeAt, runMs: assumed.runMs };
}
