import { expireTicker, type Trigger } from '@tripline/decisions';
import { executionIdOf, type Pipeline } from '@tripline/triggers';

import type { Queryable } from '@tripline/database';
import type { Candidate } from '../decisions/candidates';
import { decideLocked } from '../decisions/decide-candidates';
import type { TriggerResult } from '../decisions/decision-records';
import { type LockedState, lockPipelines, readKnownPairs, readPipelines } from '../decisions/read-state';
import { createdOf, decisionLogEntryOf, writeDecided } from '../decisions/write-decisions';
import { LOAD_DUE_RULES } from './rule-sql';
import { type RuleKey, RuleStates } from './rule-states';

const NOTHING: TriggerResult = { decisions: [], created: [], ended: [], unknown: [] };

/**
 * Fires the deadlines of at most `limit` (pipeline, ticker) pairs. The state is read again under the pipeline's lock,
 * and the deadline is removed in the transaction that decides its trigger, so a second dispatcher finds nothing to
 * fire.
 */
export async function fireDueIn(transaction: Queryable, limit: number): Promise<TriggerResult & { due: number }> {
  const due = await transaction.query<{ pipeline_id: string; ticker: string }>(LOAD_DUE_RULES, [limit]);
  if (due.length === 0) return { ...NOTHING, due: 0 };
  const keys = due.map((row): RuleKey => ({ pipelineId: row.pipeline_id, ticker: row.ticker }));
  // Null: the current definition is always returned.
  const asked = new Map(keys.map(({ pipelineId }) => [pipelineId, null] as const));
  const before = await readPipelines(transaction, asked);
  const users = new Set([...before.values()].map(({ userId }) => userId));
  const locked = await lockPipelines(transaction, asked, users);
  const states = await RuleStates.load(transaction, keys);
  const candidates = await freshOf(transaction, expire(keys, locked, states));
  const decided = await decideLocked(transaction, candidates, locked, {
    open: async () =>
      Promise.resolve({
        advance: () => ({ fired: false, detail: {} }),
        noteDenied: () => undefined,
        save: async () => Promise.resolve(),
      }),
  });
  const { nowMs } = locked.moment;
  const [ended] = await Promise.all([
    writeDecided(transaction, decided, { topic: null, decidedAt: decided.decidedAt }),
    states.save(transaction, nowMs),
    states.drop(transaction),
  ]);
  return {
    decisions: decided.lines.map((line) => decisionLogEntryOf(line, decided.decidedAt)),
    created: createdOf(decided.lines),
    ended,
    unknown: [],
    due: due.length,
  };
}

function expire(keys: readonly RuleKey[], locked: LockedState, states: RuleStates): readonly Candidate[] {
  return keys.flatMap(({ pipelineId, ticker }): Candidate[] => {
    const pipeline = locked.pipelines.get(pipelineId)?.current ?? null;
    // A state of another version, or of a pipeline that no longer has a rule, is obsolete.
    if (pipeline?.rule == null || !states.isCurrent(pipeline, ticker)) {
      states.forget(pipelineId, ticker);
      return [];
    }
    const triggers = expireTicker(states, pipeline, ticker, locked.moment.nowMs);
    // Always written, so that a due time that was too early is not found again and again.
    states.set(pipeline, ticker, states.get(pipeline, ticker));
    return triggers.map((trigger) => candidateOf(pipeline, trigger));
  });
}

function candidateOf(pipeline: Pipeline, trigger: Trigger): Candidate {
  return { pipeline, trigger, traceparent: null, off: null, partition: null, record: 0 };
}

/**
 * Without deadlines that the decision log already has: a state restored from a backup may hold deadlines that have
 * fired.
 */
async function freshOf(transaction: Queryable, candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
  const known = await readKnownPairs(
    transaction,
    candidates.map(({ pipeline, trigger: { triggerId } }) => ({
      pipelineId: pipeline.id,
      triggerId,
      executionId: executionIdOf(pipeline.id, triggerId),
    })),
  );
  return candidates.filter(({ pipeline, trigger }) => known.get(trigger.triggerId)?.has(pipeline.id) !== true);
}
