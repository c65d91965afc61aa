import { numbersOf, pipelineKey, quotaKey, type Rows, type StatementContext, textsOf } from './statements';
import { type Tables, unfinishedRuns } from './tables';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const progressLocks = (_tables: Tables, [topic, partitions]: readonly unknown[]): string[] =>
  numbersOf(partitions).map((partition) => `progress ${String(topic)}/${partition}`);

/** `decide-lock-progress`. */
export function readProgress({ tables }: StatementContext, [, partitions]: readonly unknown[]): Rows {
  return numbersOf(partitions).flatMap((part) => {
    const row = tables.progress.get(part);
    return row === undefined ? [] : [{ part, epoch: row.epoch, next_off: row.nextOffset.toString() }];
  });
}

/** `decide-insert-progress`: visible to its own transaction at once; the lock keeps other transactions away. */
export function insertProgress({ tables, transaction }: StatementContext, values: readonly unknown[]): Rows {
  const epochs = numbersOf(values[2]);
  for (const [index, partition] of numbersOf(values[1]).entries()) {
    if (tables.progress.has(partition)) continue;
    tables.progress.set(partition, { epoch: epochs[index] ?? 0, nextOffset: 0n });
    transaction.onRollback(() => void tables.progress.delete(partition));
  }
  return [];
}

/** `decide-read-moment`. */
export function readMoment({ tables, now }: StatementContext): Rows {
  return [{ now_ms: now, halts: tables.halts.length === 0 ? null : [...tables.halts] }];
}

/** `decide-read-states`: one row per unfinished execution, or one row for a pipeline without any. */
export function readStates({ tables }: StatementContext, [ids, versions, cools]: readonly unknown[]): Rows {
  const matched = numbersOf(versions);
  const cooling = textsOf(cools);
  return textsOf(ids).flatMap((id, index): Rows => {
    const row = tables.pipelines.get(id);
    if (row === undefined) return [];
    const { pipeline, lastOccurredAt } = row;
    const isOther = pipeline.version !== matched[index];
    const state = {
      id,
      user_id: pipeline.userId,
      is_active: pipeline.isActive,
      version: pipeline.version,
      last_ms: isOther || cooling[index] === 't' ? lastOccurredAt : null,
      definition: isOther ? pipeline : null,
    };
    const runs = unfinishedRuns(tables, id);
    if (runs.length === 0)
      return [{ ...state, run_id: null, overlap_key: null, slot: null, expires_ms: null, queued_seq: null }];
    return runs.map((run) => ({
      ...state,
      run_id: run.id,
      overlap_key: run.overlapKey === '' ? null : run.overlapKey,
      slot: run.slot,
      expires_ms: run.expiresAt,
      queued_seq: run.queuedSeq,
    }));
  });
}

export const quotaLocks = (tables: Tables, [users]: readonly unknown[]): string[] =>
  textsOf(users)
    .filter((user) => tables.quotas.has(user))
    .sort()
    .map(quotaKey);

export const stateLocks = (_tables: Tables, [ids]: readonly unknown[]): string[] =>
  [...textsOf(ids)].sort().map(pipelineKey);

/** `decide-read-usage`. */
export function readUsage({ tables, now }: StatementContext, [users]: readonly unknown[]): Rows {
  const minuteMs = now - (now % MINUTE_MS);
  const dayMs = now - (now % DAY_MS);
  return textsOf(users).flatMap((userId) => {
    const quota = tables.quotas.get(userId);
    if (quota === undefined) return [];
    const usage = tables.usage.get(userId);
    const own = [...tables.pipelines.values()].filter(({ pipeline }) => pipeline.userId === userId);
    return [
      {
        user_id: userId,
        max_active: quota.maxActive,
        max_per_minute: quota.maxPerMinute,
        max_per_day: quota.maxPerDay,
        minute: usage !== undefined && usage.minuteMs >= minuteMs ? usage.minute : 0,
        day: usage !== undefined && usage.dayMs >= dayMs ? usage.day : 0,
        active:
          quota.maxActive === null
            ? 0
            : own.reduce((sum, { pipeline }) => sum + unfinishedRuns(tables, pipeline.id).length, 0),
        minute_ms: Math.max(usage?.minuteMs ?? 0, minuteMs),
        day_ms: Math.max(usage?.dayMs ?? 0, dayMs),
      },
    ];
  });
}

/** `decide-read-known-signals`. */
export function readKnownSignals({ tables }: StatementContext, [ids]: readonly unknown[]): Rows {
  const wanted = new Set(textsOf(ids));
  return [...tables.matches.values()]
    .filter(({ signalId }) => wanted.has(signalId))
    .map(({ signalId, pipelineId }) => ({ signal_id: signalId, pipeline_id: pipelineId }));
}

/** `decide-read-known-runs`. */
export function readKnownRuns({ tables }: StatementContext, [ids]: readonly unknown[]): Rows {
  return textsOf(ids)
    .filter((id) => tables.executions.has(id))
    .map((id) => ({ id }));
}
