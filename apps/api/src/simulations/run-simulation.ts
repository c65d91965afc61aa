import { setImmediate as nextTurn } from 'node:timers/promises';

import { type RecordedSignal, type SimulatedDecision, Simulation, SimulationSummary } from '@tripline/decisions';
import type { Pipeline } from '@tripline/triggers';
import type { SimulationStore } from '@tripline/decision-store';

/** Signals to process before yielding to the event loop. */
const TURN_SIZE = 50;
/** Typical duration of a paper execution, ms; used when there is no history. */
const DEFAULT_RUN_MS = 1_000;

export interface SimulationRun {
  readonly decisions: readonly SimulatedDecision[];
  readonly summary: SimulationSummary;
}

/** Simulates the pipeline on recorded signals, yielding to the event loop regularly. Times are epoch ms. */
export async function runSimulation(
  pipeline: Pipeline,
  records: readonly RecordedSignal[],
  { runMs, from, until }: { readonly runMs: number; readonly from: number; readonly until: number },
): Promise<SimulationRun> {
  const decisions: SimulatedDecision[] = [];
  const summary = new SimulationSummary();
  const simulation = new Simulation(pipeline, {
    runMs,
    reportFromMs: from,
    onDecision: (decision) => {
      decisions.push(decision);
      summary.add(decision);
    },
  });
  for (const [index, record] of records.entries()) {
    simulation.feed(record);
    if (index % TURN_SIZE === TURN_SIZE - 1) await nextTurn();
  }
  simulation.advanceTo(until);
  return { decisions, summary };
}

/** The assumed duration of executions, ms, and where it comes from. */
export interface AssumedRun {
  readonly runMs: number;
  readonly from: 'request' | 'pipeline' | 'account' | 'default';
}

export async function assumeRun(
  given: number | undefined,
  owner: { readonly pipelineId: string | null; readonly userId: string },
  store: Pick<SimulationStore, 'medianRunMs'>,
): Promise<AssumedRun> {
  if (given !== undefined) return { runMs: given * 1000, from: 'request' };
  const median = await store.medianRunMs(owner.pipelineId, owner.userId);
  return median === null ? { runMs: DEFAULT_RUN_MS, from: 'default' } : { runMs: median.ms, from: median.of };
}
