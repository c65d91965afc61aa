import { executionIdOf, type Pipeline } from '@tripline/triggers';

import type { Queryable } from '@tripline/database';
import { candidatesOf } from './candidates';
import { countChunk, type LockedProgress, lockProgress, progressOf } from './chunk-progress';
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
import { createdOf, decisionLogEntryOf, writeDecided } from './write-decisions';

export interface DecideOptions {
  readonly rules: RuleStage;
  /** Everything under locks, and known pairs also looked up by their executions: used after a ConcurrentChangeError. */
  readonly thorough: boolean;
}

interface ChunkSurvey extends PipelineSurvey {
  readonly known: KnownPairs;
  /** Not null: the pipelines are already locked. */
  readonly locked: LockedState | null;
}

const NOTHING: DecidedCandidates = { lines: [], ends: [], usage: [], rules: null, decidedAt: 0 };
const NO_SIGNALS: ChunkSurvey = {
  pipelines: new Map(),
  moment: { nowMs: 0, halts: [] },
  known: new Map(),
  locked: null,
};

/**
 * The deciding transaction for chunks of one topic, at most one per partition; see `DecisionStore.decideChunk`.
 * Statements that do not depend on each other's answers are sent together.
 */
export async function decideChunksIn(
  transaction: Queryable,
  given: readonly DecisionChunk[],
  options: DecideOptions,
): Promise<readonly ChunkResult[]> {
  const joined = inOneList(given);
  const [locked, survey] = await Promise.all([
    lockProgress(transaction, given),
    surveyOf(transaction, joined, options),
  ]);
  const { fresh, marks } = candidatesOf(joined.records, joined.partitionAt, survey.pipelines, survey.known);
  const decided = await decideFresh();
  const parts = given.map((chunk, index) => partOf(chunk, locked[index] as LockedProgress, joined.starts[index] ?? 0));
  const [ended] = await Promise.all([
    writeDecided(transaction, decided, { topic: given[0]?.topic ?? null, decidedAt: decided.decidedAt }),
    writeSignals(transaction, given, marks),
    ...parts.map(async ({ chunk }) => writeDead(transaction, chunk, chunk.epoch)),
    writeProgress(
      transaction,
      given[0]?.topic ?? '',
      parts.flatMap(({ chunk, progress, counted }) => progressOf(chunk, progress, counted) ?? []),
    ),
  ]);
  return parts.map(({ chunk, progress, counted }, index): ChunkResult => {
    const lines =
      parts.length === 1
        ? decided.lines
        : decided.lines.filter(({ candidate }) => candidate.partition === chunk.partition);
    return {
      decisions: lines.map((line) => decisionLogEntryOf(line, decided.decidedAt)),
      created: createdOf(lines),
      ended: index === 0 ? ended : [],
      counted,
      previousNextOffset: progress.previousNextOffset,
    };
  });

  async function decideFresh(): Promise<DecidedCandidates> {
    if (fresh.length === 0) return NOTHING;
    if (survey.locked !== null) return decideLocked(transaction, fresh, survey.locked, options.rules);
    return decideCandidates(transaction, fresh, survey, options.rules);
  }

  function partOf(ungiven: DecisionChunk, progress: LockedProgress, start: number) {
    const chunk = { ...ungiven, epoch: ungiven.epoch ?? progress.epoch };
    const ofChunk = marks.subarray(start, start + chunk.records.length);
    return { chunk, progress, counted: countChunk(chunk, progress, ofChunk) };
  }
}

/** Chunks as one list of records. */
interface ChunkList {
  readonly records: readonly ChunkRecord[];
  readonly matched: MatchedPipelines;
  /** Index of each chunk's first record. */
  readonly starts: readonly number[];
  readonly partitionAt: (place: number) => number;
}

function inOneList(chunks: readonly DecisionChunk[]): ChunkList {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) {
    const { records, partition } = only;
    return { records, matched: matchedPipelines(records), starts: [0], partitionAt: () => partition };
  }
  const records: ChunkRecord[] = [];
  const partitions: number[] = [];
  const starts: number[] = [];
  for (const chunk of chunks) {
    starts.push(records.length);
    for (const record of chunk.records) {
      records.push(record);
      partitions.push(chunk.partition);
    }
  }
  return { records, matched: matchedPipelines(records), starts, partitionAt: (place) => partitions[place] ?? 0 };
}

/** The matched pipelines in their current version, and which pairs were decided before. */
async function surveyOf(transaction: Queryable, joined: ChunkList, { thorough }: DecideOptions): Promise<ChunkSurvey> {
  const { records, matched } = joined;
  if (matched.size === 0) return NO_SIGNALS;
  if (thorough) return lockEverything(transaction, joined);
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
  { records, matched, partitionAt }: ChunkList,
): Promise<ChunkSurvey> {
  const before = await readPipelines(transaction, matched);
  const users = new Set([...before.values()].map(({ userId }) => userId));
  const locked = await lockPipelines(transaction, matched, users);
  const { fresh } = candidatesOf(records, partitionAt, locked.pipelines, new Map());
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
      // Matched at two versions: neither is trusted.
      else if (seen !== null && seen !== pipeline && seen.version !== pipeline.version) matched.set(pipeline.id, null);
    }
  }
  return matched;
}
