import type { Pipeline, PipelineState } from '@tripline/domain';

import type { Queryable } from '../database/queryable';
import { pipelineOf } from '../pipelines/pipeline-rows';
import { LOCK_STATES, READ_KNOWN_PAIRS, READ_STATES } from './decision-sql';

/** A pipeline as it is at the moment of the decision, read under its lock. */
interface LockedPipeline {
  readonly userId: string;
  readonly state: PipelineState;
  /** The current version; null when it is the one that was matched. */
  readonly current: Pipeline | null;
}

export interface LockedState {
  /** Pipelines that are gone are missing. */
  readonly pipelines: ReadonlyMap<string, LockedPipeline>;
  /** Postgres' clock, epoch ms. */
  readonly nowMs: number;
}

interface StateRow {
  readonly id: string;
  readonly user_id: string;
  readonly is_active: boolean;
  readonly version: number;
  readonly definition: unknown;
  readonly last_occurred_at: Date | null;
  readonly active_execution_id: string | null;
  readonly now: Date;
}

/** Locks the pipelines in the order of their ids, then reads what a decision needs. `versions`: what was matched, by id. */
export async function lockPipelines(
  transaction: Queryable,
  versions: ReadonlyMap<string, number>,
): Promise<LockedState> {
  const ids = [...versions.keys()];
  await transaction.query(LOCK_STATES, [ids]);
  const rows = await transaction.query<StateRow>(READ_STATES, [ids, [...versions.values()]]);
  const pipelines = new Map<string, LockedPipeline>();
  for (const row of rows) {
    const current = row.definition === null ? null : pipelineOf(row.id, row.version, row.user_id, row.definition);
    pipelines.set(row.id, {
      userId: row.user_id,
      current,
      state: {
        pipelineId: row.id,
        isActive: row.is_active,
        version: row.version,
        activeExecutionId: row.active_execution_id,
        lastTriggeredAt: row.last_occurred_at?.getTime() ?? null,
      },
    });
  }
  return { pipelines, nowMs: rows[0]?.now.getTime() ?? 0 };
}

export interface PairKey {
  readonly pipelineId: string;
  readonly triggerId: string;
  readonly executionId: string;
}

/** Indexes of the pairs that were decided before, by ledger row or (the ledger is pruned one day) by execution. */
export async function readKnownPairs(transaction: Queryable, pairs: readonly PairKey[]): Promise<ReadonlySet<number>> {
  const rows = await transaction.query<{ ord: number }>(READ_KNOWN_PAIRS, [
    pairs.map((pair) => pair.pipelineId),
    pairs.map((pair) => pair.triggerId),
    pairs.map((pair) => pair.executionId),
  ]);
  return new Set(rows.map((row) => row.ord - 1));
}
