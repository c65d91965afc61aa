import { decideAll, executionIdOf, type PendingTrigger, type PipelineState } from '@tripline/domain';

import type { Queryable } from '../database/queryable';
import { assertAllWritten } from './decide-chunk';
import type { DirectTrigger, TriggerResult } from './decision-records';
import { createdOf, jsonParameter, type LedgerLine, ledgerEntryOf, ledgerRow } from './decision-rows';
import { WRITE_DECISIONS } from './decision-sql';
import { type LockedState, lockPipelines, readKnownPairs } from './read-state';

/** No version is 0: the current definition always comes along. */
const ANY_VERSION = 0;

/** The deciding transaction for triggers without an offset; see `DecisionStore.decideTriggers`. */
export async function decideTriggersIn(
  transaction: Queryable,
  triggers: readonly DirectTrigger[],
): Promise<TriggerResult> {
  const locked = await lockPipelines(
    transaction,
    new Map(triggers.map((trigger) => [trigger.pipelineId, ANY_VERSION] as const)),
  );
  const unknown = triggers.filter((trigger) => !locked.pipelines.has(trigger.pipelineId));
  const candidates = triggers.filter((trigger) => locked.pipelines.has(trigger.pipelineId));
  const known = await readKnownPairs(
    transaction,
    candidates.map(({ pipelineId, triggerId }) => ({
      pipelineId,
      triggerId,
      executionId: executionIdOf(pipelineId, triggerId),
    })),
  );
  const lines = decideFresh(
    candidates.filter((_, index) => !known.has(index)),
    locked,
  );
  if (lines.length > 0) {
    const written = await transaction.query<{ matches: number; executions: number }>(WRITE_DECISIONS, [
      '[]',
      '[]',
      jsonParameter(lines.map(ledgerRow)),
      '[]',
    ]);
    assertAllWritten(written[0], lines.length, createdOf(lines).length);
  }
  return {
    decisions: lines.map((line) => line.entry),
    created: createdOf(lines),
    unknown: unknown.map((trigger) => trigger.pipelineId),
  };
}

function decideFresh(triggers: readonly DirectTrigger[], locked: LockedState): readonly LedgerLine[] {
  const states = new Map<string, PipelineState>();
  for (const [id, pipeline] of locked.pipelines) states.set(id, pipeline.state);
  const pending = triggers.flatMap((trigger) => pendingOf(trigger, locked));
  const sources = new Map(triggers.map((trigger) => [`${trigger.pipelineId}/${trigger.triggerId}`, trigger]));
  const { decided } = decideAll(pending, states, { nowMs: locked.nowMs });
  return decided.map((decision) => ({
    entry: ledgerEntryOf(decision, {
      userId: decision.pipeline.userId,
      signalType: null,
      direction: null,
      decidedAt: locked.nowMs,
    }),
    place: null,
    traceparent: sources.get(`${decision.pipeline.id}/${decision.trigger.triggerId}`)?.traceparent ?? null,
  }));
}

function pendingOf(trigger: DirectTrigger, locked: LockedState): readonly PendingTrigger[] {
  const pipeline = locked.pipelines.get(trigger.pipelineId)?.current ?? null;
  if (pipeline === null) return [];
  return [
    {
      pipeline,
      trigger: {
        triggerId: trigger.triggerId,
        mode: trigger.triggerMode,
        occurredAt: trigger.occurredAt,
        // It has no place in the log: it is as old as its decision.
        appendedAtMs: locked.nowMs,
        ticker: trigger.ticker ?? pipeline.tickers[0] ?? null,
        confidence: null,
      },
    },
  ];
}
