import type { ActiveRun, PipelineState, UserLimits } from '@tripline/decisions';
import type { Halt } from '@tripline/risk';
import type { Pipeline } from '@tripline/triggers';

import { plainArray, type Queryable } from '@tripline/database';
import { pipelineOf } from '@tripline/pipeline-store';
import {
  LOCK_QUOTAS,
  LOCK_STATES,
  READ_KNOWN_RUNS,
  READ_KNOWN_SIGNALS,
  READ_MOMENT,
  READ_STATES,
  READ_USAGE,
} from './state-sql';

/** A pipeline at the moment of the decision. */
export interface PipelineNow {
  readonly userId: string;
  readonly state: PipelineState;
  /** The current version; null when it is the matched one. */
  readonly current: Pipeline | null;
}

/** State shared by every pipeline of a decision. */
export interface Moment {
  /** PostgreSQL's clock, epoch ms. */
  readonly nowMs: number;
  readonly halts: readonly Halt[];
}

/** Removed pipelines are absent. */
export type PipelinesNow = ReadonlyMap<string, PipelineNow>;

/** A user's limits, with the start of their usage windows (epoch ms). */
export interface LockedLimits extends UserLimits {
  readonly minuteMs: number;
  readonly dayMs: number;
}

export interface LockedState {
  readonly pipelines: PipelinesNow;
  readonly moment: Moment;
  /** By user id; users without limits are absent. */
  readonly limits: ReadonlyMap<string, LockedLimits>;
}

interface StateRow {
  readonly id: string;
  readonly user_id: string;
  readonly is_active: boolean;
  readonly version: number;
  readonly last_ms: number | null;
  readonly definition: unknown;
  readonly run_id: string | null;
  readonly overlap_key: string | null;
  readonly slot: number | null;
  readonly expires_ms: number | null;
  readonly queued_seq: number | null;
}

interface UsageRow {
  readonly user_id: string;
  readonly max_active: number | null;
  readonly max_per_minute: number | null;
  readonly max_per_day: number | null;
  readonly minute: number;
  readonly day: number;
  readonly active: number;
  readonly minute_ms: number;
  readonly day_ms: number;
}

/** The matched version, by id; null for a pipeline whose current version is wanted in any case. */
export type MatchedPipelines = ReadonlyMap<string, Pipeline | null>;

/** The current state of the pipelines, without a lock. */
export async function readPipelines(transaction: Queryable, matched: MatchedPipelines): Promise<PipelinesNow> {
  const pipelines = [...matched.values()];
  const rows = await transaction.query<StateRow>(READ_STATES, [
    plainArray([...matched.keys()]),
    // Version 0 does not exist, so the current definition is returned.
    plainArray(pipelines.map((pipeline) => pipeline?.version ?? 0)),
    plainArray(pipelines.map((pipeline) => (pipeline !== null && pipeline.cooldownMs === 0 ? 'f' : 't'))),
  ]);
  return pipelinesOf(rows);
}

export async function readMoment(transaction: Queryable): Promise<Moment> {
  const [row] = await transaction.query<{ now_ms: number; halts: readonly Halt[] | null }>(READ_MOMENT);
  return { nowMs: Math.floor(row?.now_ms ?? 0), halts: row?.halts ?? [] };
}

/**
 * Locks the quotas of the users and the pipelines, in the order of their ids, then reads the state for a decision. The
 * statements are sent together. Each sees what was committed when the ones before it had their locks.
 */
export async function lockPipelines(
  transaction: Queryable,
  matched: MatchedPipelines,
  userIds: ReadonlySet<string>,
): Promise<LockedState> {
  const users = plainArray([...userIds]);
  const [, , pipelines, moment, usage] = await Promise.all([
    transaction.execute(LOCK_QUOTAS, [users]),
    transaction.execute(LOCK_STATES, [plainArray([...matched.keys()])]),
    readPipelines(transaction, matched),
    readMoment(transaction),
    transaction.query<UsageRow>(READ_USAGE, [users]),
  ]);
  return { pipelines, moment, limits: new Map(usage.map((row) => [row.user_id, limitsOf(row)] as const)) };
}

/** Pairs that were decided before, as signal id → pipeline ids. */
export type KnownPairs = ReadonlyMap<string, ReadonlySet<string>>;

interface PairRow {
  readonly signal_id: string;
  readonly pipeline_id: string;
}

/**
 * Looks only at the decision log, one look-up per signal. A pair that was pruned from the log but whose execution still
 * exists violates the executions' key; the whole chunk then uses `readKnownPairs`.
 */
export async function readKnownSignals(transaction: Queryable, signalIds: readonly string[]): Promise<KnownPairs> {
  return pairsOf(await transaction.query<PairRow>(READ_KNOWN_SIGNALS, [plainArray(signalIds)]));
}

export interface PairKey {
  readonly pipelineId: string;
  readonly triggerId: string;
  readonly executionId: string;
}

/** By row of the decision log or by execution. */
export async function readKnownPairs(transaction: Queryable, pairs: readonly PairKey[]): Promise<KnownPairs> {
  if (pairs.length === 0) return new Map();
  const [lines, runs] = await Promise.all([
    transaction.query<PairRow>(READ_KNOWN_SIGNALS, [plainArray([...new Set(pairs.map((pair) => pair.triggerId))])]),
    transaction.query<{ id: string }>(READ_KNOWN_RUNS, [plainArray(pairs.map((pair) => pair.executionId))]),
  ]);
  const known = new Set(runs.map((row) => row.id));
  const ofRuns = pairs.filter((pair) => known.has(pair.executionId));
  return pairsOf([
    ...lines,
    ...ofRuns.map(({ pipelineId, triggerId }) => ({ signal_id: triggerId, pipeline_id: pipelineId })),
  ]);
}

function pairsOf(rows: readonly PairRow[]): KnownPairs {
  const known = new Map<string, Set<string>>();
  for (const row of rows) {
    const pipelines = known.get(row.signal_id);
    if (pipelines === undefined) known.set(row.signal_id, new Set([row.pipeline_id]));
    else pipelines.add(row.pipeline_id);
  }
  return known;
}

function pipelinesOf(rows: readonly StateRow[]): PipelinesNow {
  const pipelines = new Map<string, PipelineNow>();
  const waiting: StateRow[] = [];
  for (const row of rows) {
    const known = pipelines.get(row.id);
    if (known === undefined) pipelines.set(row.id, pipelineNowOf(row));
    if (row.run_id === null) continue;
    if (row.slot === null) waiting.push(row);
    else if (known !== undefined) addRun(known, row);
  }
  if (waiting.length === 0) return pipelines;
  waiting.sort((a, b) => (a.queued_seq ?? 0) - (b.queued_seq ?? 0));
  for (const row of waiting) {
    const owner = pipelines.get(row.id);
    if (owner !== undefined) addRun(owner, row);
  }
  return pipelines;
}

function pipelineNowOf(row: StateRow): PipelineNow {
  const current = row.definition === null ? null : pipelineOf(row.id, row.version, row.user_id, row.definition);
  const runs: ActiveRun[] = row.run_id === null || row.slot === null ? [] : [runOf(row, row.run_id)];
  return {
    userId: row.user_id,
    current,
    state: {
      pipelineId: row.id,
      isActive: row.is_active,
      version: row.version,
      runs,
      lastTriggeredAt: row.last_ms === null ? null : Math.round(row.last_ms),
    },
  };
}

/** Only used on rows just read, so no other code holds the list yet. */
function addRun(owner: PipelineNow, row: StateRow): void {
  if (row.run_id !== null) (owner.state.runs as ActiveRun[]).push(runOf(row, row.run_id));
}

function runOf(row: StateRow, executionId: string): ActiveRun {
  return { executionId, overlapKey: row.overlap_key ?? '', slot: row.slot, expiresAtMs: row.expires_ms };
}

function limitsOf(row: UsageRow): LockedLimits {
  return {
    quota: { maxActive: row.max_active, maxPerMinute: row.max_per_minute, maxPerDay: row.max_per_day },
    usage: { active: row.active, minute: row.minute, day: row.day },
    minuteMs: row.minute_ms,
    dayMs: row.day_ms,
  };
}
