import { executionIdOf, type Pipeline } from '@tripline/triggers';

import type { Queryable } from '@tripline/database';
import type { Candidate } from './candidates';
import { decideLocked } from './decide-candidates';
import type { DirectTrigger, TriggerResult } from './decision-records';
import { lockPipelines, type PipelinesNow, readKnownPairs, readPipelines } from './read-state';
import type { RuleStage } from './rule-stage';
import { createdOf, decisionLogEntryOf, writeDecided } from './write-decisions';

/** The deciding transaction for triggers without an offset; see `DecisionStore.decideTriggers`. */
export async function decideTriggersIn(
  transaction: Queryable,
  triggers: readonly DirectTrigger[],
  rules: RuleStage,
): Promise<TriggerResult> {
  const asked = new Map(triggers.map((trigger) => [trigger.pipelineId, null] as const));
  const before = await readPipelines(transaction, asked);
  const users = new Set([...before.values()].map(({ userId }) => userId));
  const locked = await lockPipelines(transaction, asked, users);
  const known = await readKnownPairs(
    transaction,
    triggers.map(({ pipelineId, triggerId }) => ({
      pipelineId,
      triggerId,
      executionId: executionIdOf(pipelineId, triggerId),
    })),
  );
  const candidates = distinct(triggers)
    .filter(({ pipelineId, triggerId }) => known.get(triggerId)?.has(pipelineId) !== true)
    .flatMap((trigger) => candidateOf(trigger, locked.pipelines, locked.moment.nowMs));
  const unknown = triggers.filter((trigger) => !locked.pipelines.has(trigger.pipelineId));
  const missing = { unknown: unknown.map((trigger) => trigger.pipelineId) };
  if (candidates.length === 0) return { decisions: [], created: [], ended: [], ...missing };

  const decided = await decideLocked(transaction, candidates, locked, rules);
  const { decidedAt, lines } = decided;
  const ended = await writeDecided(transaction, decided, { topic: null, decidedAt });
  return {
    decisions: lines.map((line) => decisionLogEntryOf(line, decidedAt)),
    created: createdOf(lines),
    ended,
    ...missing,
  };
}

function distinct(triggers: readonly DirectTrigger[]): readonly DirectTrigger[] {
  return [...new Map(triggers.map((trigger) => [`${trigger.pipelineId}/${trigger.triggerId}`, trigger])).values()];
}

function candidateOf(trigger: DirectTrigger, pipelines: PipelinesNow, nowMs: number): readonly Candidate[] {
  const pipeline: Pipeline | null = pipelines.get(trigger.pipelineId)?.current ?? null;
  if (pipeline === null) return [];
  return [
    {
      pipeline,
      trigger: {
        triggerId: trigger.triggerId,
        mode: trigger.triggerMode,
        occurredAt: trigger.occurredAt,
        // It has no offset in the log, so it is as old as its decision.
        appendedAtMs: nowMs,
        ticker: trigger.ticker ?? firstTicker(pipeline),
        confidence: trigger.confidence ?? null,
        minConfidence: null,
        quality: trigger.quality ?? null,
        signalType: null,
        source: null,
        direction: trigger.direction ?? null,
        firing: trigger.firing ?? null,
        missed: trigger.missed,
      },
      traceparent: trigger.traceparent ?? null,
      off: null,
      partition: null,
      record: 0,
    },
  ];
}

/** A pattern such as `BTC-*` is not a ticker that an execution can use. */
function firstTicker(pipeline: Pipeline): string | null {
  return pipeline.tickers.find((ticker) => !ticker.endsWith('*')) ?? null;
}
