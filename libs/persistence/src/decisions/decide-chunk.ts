import { executionIdOf, type Pipeline } from '@tripline/domain';

import type { Queryable } from '../database/queryable';
import { candidatesOf } from './candidates';
import { countChunk, lockProgress, progressOf } from './chunk-progress';
import { decideCandidates, decideLocked, type DecidedCandidates, type PipelineSurvey } from './decide-candidates';
import type { ChunkRecord, ChunkResult, DecisionChunk } from './decision-records';
import {
  type LockedState,
  lockPipelines,
  type KnownPairs,
  type MatchedPipelines,
  readKnownPairs,
  readKnownSignals,
  readMoment,
  readPipelines,
} from './read-state';
import type { RuleStage } from './rule-stage';
import { writeDead, writeProgress, writeSignals } from './write-chunk';
import { createdOf, ledgerEntryOf, writeDecided } from './write-decisions';

export interface DecideOptions {
  readonly rules: RuleStage;
  /** Everything under locks, and known pairs also by their executions: after a ConcurrentChangeError. */
  readonly thorough: boolean;
}

interface ChunkSurvey extends PipelineSurvey {
  readonly known: KnownPairs;
  /** Not null: the pipelines are locked already. */
  readonly locked: LockedState | null;
}

const NOTHING: DecidedCandidates = { lines: [], ends: [], usage: [], rules: null, decidedAt: 0 };
const NO_SIGNALS: ChunkSurvey = {
  pipelines: new Map(),
  moment: { nowMs: 0, halts: [] },
  known: new Map(),
  locked: null,
};

/** The deciding transaction of one chunk; see `DecisionStore.decideChunk`. Statements that need no answer go out together. */
export async function decideChunkIn(
  transaction: Queryable,
  given: DecisionChunk,
  options: DecideOptions,
): Promise<ChunkResult> {
  const matched = matchedPipelines(given.records);
  const [progress, survey] = await Promise.all([
    lockProgress(transaction, given),
    surveyOf(transaction, given.records, matched, options),
  ]);
  const chunk = { ...given, epoch: given.epoch ?? progress.epoch };
  const { fresh, marks } = candidatesOf(chunk.records, survey.pipelines, survey.known);
  const decided = await decideFresh();
  const counted = countChunk(chunk, progress, marks);
  const place = { topic: chunk.topic, partition: chunk.partition, decidedAt: decided.decidedAt };
  const [ended] = await Promise.all([
    writeDecided(transaction, decided, place),
    writeSignals(transaction, chunk, marks),
    writeDead(transaction, chunk, chunk.epoch),
    writeProgress(transaction, chunk, progressOf(chunk, progress, counted)),
  ]);
  return {
    decisions: decided.lines.map((line) => ledgerEntryOf(line, decided.decidedAt)),
    created: createdOf(decided.lines),
    ended,
    counted,
    previousNextOffset: progress.previousNextOffset,
  };

  async function decideFresh(): Promise<DecidedCandidates> {
    if (fresh.length === 0) return NOTHING;
    if (survey.locked !== null) return decideLocked(transaction, fresh, survey.locked, options.rules);
    return decideCandidates(transaction, fresh, survey, options.rules);
  }
}

/** The matched pipelines as they are, and which of the chunk's pairs were decided before. */
async function surveyOf(
  transaction: Queryable,
  records: readonly ChunkRecord[],
  matched: MatchedPipelines,
  { thorough }: DecideOptions,
): Promise<ChunkSurvey> {
  if (matched.size === 0) return NO_SIGNALS;
  if (thorough) return lockEverything(transaction, records, matched);
  const signalIds = new Set<string>();
  for (const { matches, signal } of records) if (matches.length > 0) signalIds.add(signal.signalId);
  const [pipelines, moment, known] = await Promise.all([
    readPipelines(transaction, matched),
    readMoment(transaction),
    readKnownSignals(transaction, [...signalIds]),
  ]);
  return { pipelines, moment, known, locked: null };
}

async function lockEverything(
  transaction: Queryable,
  records: readonly ChunkRecord[],
  matched: MatchedPipelines,
): Promise<ChunkSurvey> {
  const before = await readPipelines(transaction, matched);
  const users = new Set([...before.values()].map(({ userId }) => userId));
  const locked = await lockPipelines(transaction, matched, users);
  const { fresh } = candidatesOf(records, locked.pipelines, new Map());
  const known = await readKnownPairs(
    transaction,
    fresh.map(({ pipeline, trigger: { triggerId } }) => ({
      pipelineId: pipeline.id,
      triggerId,
      executionId: executionIdOf(pipeline.id, triggerId),
    })),
  );
  return { pipelines: locked.pipelines, moment: locked.moment, known, locked };
}

function matchedPipelines(records: readonly ChunkRecord[]): MatchedPipelines {
  const matched = new Map<string, Pipeline | null>();
  for (const record of records) {
    for (const { pipeline } of record.matches) {
      const seen = matched.get(pipeline.id);
      if (seen === undefined) matched.set(pipeline.id, pipeline);
      // Matched at two versions within one chunk: neither is trusted.
      else if (seen !== null && seen !== pipeline && seen.version !== pipeline.version) matched.set(pipeline.id, null);
    }
  }
  return matched;
}
