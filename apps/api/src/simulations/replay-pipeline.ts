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
  /** The pipeline at the version to replay. */
  readonly pipeline: Pipeline;
  /** When the pipeline and the version were created, epoch ms. */
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
/** Maximum number of logged decisions that one replay compares with. */
const MAX_COMPARED = 50_000;
/** Maximum number of earlier signals read for the rule of a single replayed signal. */
const MAX_RULE_SIGNALS = 500;

/** How long before the range to start, ms, because earlier signals affect rules, cooldown and executions. At most a day. */
export function warmUpMsOf(pipeline: Pipeline, runMs: number): number {
  return Math.min(DAY_MS, Math.max(2 * (pipeline.rule?.withinMs ?? 0), pipeline.cooldownMs, runMs));
}

/** Whether the pipeline, if active, would match a signal. */
export function wantsOf(pipeline: Pipeline): (signal: Signal) => boolean {
  const active = { ...pipeline, isActive: true };
  return (signal) => pipelineMatches(active, signal) !== null;
}

/** Replays the signals appended in [from, to), epoch ms. */
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

/** Replays one stored signal as if no execution were active. A rule also sees the stored signals before it. */
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
