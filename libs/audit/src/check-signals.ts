import { type Pipeline, pipelineMatches } from '@tripline/triggers';

import type { AuditSnapshot, DecisionLogRow, PipelineVersion, TopicRecord } from './audit-snapshot';
import type { Report } from './violation';

const pairOf = (pipelineId: string, signalId: string): string => `${pipelineId}/${signalId}`;
const placeOf = (partition: number, offset: bigint): string => `${partition}/${offset}`;

/** A1. */
export function checkPublished({ published, records }: AuditSnapshot, report: Report): void {
  const inTopic = new Set(records.flatMap(({ signal }) => (signal === null ? [] : [signal.signalId])));
  for (const { signalId, acked } of published) {
    if (acked && !inTopic.has(signalId)) {
      report('lost', [signalId], `signal ${signalId} was acknowledged but is not in the topic`);
    }
  }
}

/** A2, using the plain matching rule, independent of the index and the store. */
export function checkOutcomes(snapshot: AuditSnapshot, indexLagMs: number, report: Report): void {
  const signals = firstPlaces(snapshot.records);
  const decided = new Map<string, DecisionLogRow>();
  for (const row of snapshot.decisionLog) {
    const pair = pairOf(row.pipelineId, row.signalId);
    if (decided.has(pair)) {
      report(
        'doubled',
        [row.pipelineId, row.signalId],
        `pipeline ${row.pipelineId} and signal ${row.signalId} were decided twice`,
      );
    }
    decided.set(pair, row);
    const problem = row.triggerMode === 'signal' ? problemOf(row, signals.get(row.signalId), snapshot.pipelines) : null;
    if (problem !== null) {
      report(
        'doubled',
        [row.pipelineId, row.signalId],
        `unfounded: the decision for pipeline ${row.pipelineId} and signal ${row.signalId}: ${problem}`,
      );
    }
  }
  const versions = byPipeline(snapshot.pipelines);
  const candidates = candidatesOf(versions);
  const deadlines = decisionDeadlines(snapshot.decisionLog);
  for (const [signalId, record] of signals) {
    for (const pipelineId of candidates(record)) {
      const all = versions.get(pipelineId) ?? [];
      if (decided.has(pairOf(pipelineId, signalId))) continue;
      if (!mustMatch(record, all, deadlines(record), indexLagMs)) continue;
      const place = placeOf(record.partition, record.offset);
      report(
        'lost',
        [pipelineId, signalId],
        `signal ${signalId} at ${place} matches pipeline ${pipelineId} but has no decision`,
      );
    }
  }
}

/** A signal published twice is at several offsets; it is decided at the first. */
function firstPlaces(records: readonly TopicRecord[]): ReadonlyMap<string, TopicRecord> {
  const first = new Map<string, TopicRecord>();
  for (const record of records) {
    const id = record.signal?.signalId;
    if (id === undefined) continue;
    const known = first.get(id);
    if (known === undefined || record.appendedAt < known.appendedAt) first.set(id, record);
  }
  return first;
}

function byPipeline(versions: readonly PipelineVersion[]): ReadonlyMap<string, readonly PipelineVersion[]> {
  const grouped = new Map<string, PipelineVersion[]>();
  for (const version of versions) {
    const list = grouped.get(version.pipeline.id);
    if (list === undefined) grouped.set(version.pipeline.id, [version]);
    else list.push(version);
  }
  return grouped;
}

/**
 * Pipelines that may match a signal: those that name one of its tickers in any version, and those with a pattern. Only
 * text equality is used to exclude the others.
 */
function candidatesOf(
  versions: ReadonlyMap<string, readonly PipelineVersion[]>,
): (record: TopicRecord) => ReadonlySet<string> {
  const byTicker = new Map<string, Set<string>>();
  const withPattern = new Set<string>();
  for (const [id, all] of versions) {
    for (const ticker of all.flatMap(({ pipeline }) => pipeline.tickers)) {
      if (ticker.includes('*')) withPattern.add(id);
      else byTicker.set(ticker, (byTicker.get(ticker) ?? new Set()).add(id));
    }
  }
  return ({ signal }) =>
    new Set([...withPattern, ...(signal?.tickers ?? []).flatMap(({ ticker }) => [...(byTicker.get(ticker) ?? [])])]);
}

/** An absence rule that fired at its deadline. Such a trigger has no offset in the log. */
function isDeadline(
  { offset, pipelineId, pipelineVersion }: DecisionLogRow,
  versions: readonly PipelineVersion[],
): boolean {
  if (offset !== null) return false;
  return versions.some(
    ({ pipeline }) =>
      pipeline.id === pipelineId && pipeline.version === pipelineVersion && pipeline.rule?.kind === 'absence',
  );
}

/** Why a decision is unfounded; null when it is valid. A pipeline switched off after matching may have one. */
function problemOf(
  row: DecisionLogRow,
  record: TopicRecord | undefined,
  versions: readonly PipelineVersion[],
): string | null {
  if (isDeadline(row, versions)) return null;
  if (record?.signal === undefined || record.signal === null) return 'the signal is not in the topic';
  const { signal } = record;
  const known = versions.filter(({ pipeline }) => pipeline.id === row.pipelineId);
  const atVersion = known.find(({ pipeline }) => pipeline.version === row.pipelineVersion);
  if (atVersion === undefined) return 'no such pipeline or version';
  if (matches(atVersion.pipeline, signal)) return null;
  if (row.reason === 'pipeline_inactive' && known.some(({ pipeline }) => matches(pipeline, signal))) return null;
  return 'the signal does not match';
}

function matches(pipeline: Pipeline, signal: NonNullable<TopicRecord['signal']>): boolean {
  return pipelineMatches(pipeline, signal) !== null;
}

/**
 * A pair without a decision is a loss if every version that may have been in force at its decision matches. The
 * decision was made between its append and the first decision about a later record of its partition; the index may lag
 * behind.
 */
function mustMatch(
  { signal, appendedAt }: TopicRecord,
  versions: readonly PipelineVersion[],
  decidedBy: number,
  indexLagMs: number,
): boolean {
  if (signal === null) return false;
  const from = appendedAt - indexLagMs;
  const begin = Math.min(...versions.map(({ validFrom }) => validFrom));
  const end = Math.max(...versions.map(({ validTo }) => validTo));
  if (begin > from || end < decidedBy) return false;
  return versions
    .filter(({ validFrom, validTo }) => validFrom <= decidedBy && validTo >= from)
    .every(({ pipeline }) => matches(pipeline, signal));
}

/**
 * Latest time at which a record was decided, derived from decisions about later records; infinite when there are none.
 */
function decisionDeadlines(decisionLog: readonly DecisionLogRow[]): (record: TopicRecord) => number {
  const byPartition = new Map<number, { offset: bigint; decidedAt: number }[]>();
  for (const { partition, offset, decidedAt } of decisionLog) {
    if (partition === null || offset === null) continue;
    const list = byPartition.get(partition);
    if (list === undefined) byPartition.set(partition, [{ offset, decidedAt }]);
    else list.push({ offset, decidedAt });
  }
  for (const list of byPartition.values()) {
    list.sort((a, b) => Number(b.offset - a.offset));
    let earliest = Infinity;
    for (const place of list) place.decidedAt = earliest = Math.min(earliest, place.decidedAt);
    list.reverse();
  }
  return ({ partition, offset }) => {
    const list = byPartition.get(partition) ?? [];
    let low = 0;
    for (let high = list.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((list[middle]?.offset ?? 0n) < offset) low = middle + 1;
      else high = middle;
    }
    return list[low]?.decidedAt ?? Infinity;
  };
}

/** A6. */
export function checkDead({ records, dead }: AuditSnapshot, report: Report): void {
  const seen = new Set<string>();
  for (const { partition, offset } of dead) {
    const place = placeOf(partition, offset);
    if (seen.has(place)) report('doubled', [place], `record ${place} is twice among the dead signals`);
    seen.add(place);
  }
  const poison = new Set(records.flatMap((r) => (r.signal === null ? [placeOf(r.partition, r.offset)] : [])));
  for (const place of poison) {
    if (!seen.has(place))
      report('lost', [place], `record ${place} is not a valid signal but is not among the dead signals`);
  }
  for (const place of seen) {
    if (!poison.has(place)) report('broken', [place], `record ${place} is among the dead signals but is not poison`);
  }
}

/**
 * A8. Excludes records from before the pipeline's current version: when redelivered, they may match although they did
 * not match then, and are decided late.
 */
export function checkOrder(
  { decisionLog, records, pipelines }: AuditSnapshot,
  indexLagMs: number,
  report: Report,
): void {
  const appendedAt = new Map(records.map((record) => [placeOf(record.partition, record.offset), record.appendedAt]));
  const since = new Map(pipelines.map(({ pipeline, validFrom }) => [`${pipeline.id}/${pipeline.version}`, validFrom]));
  const triggered = decisionLog.flatMap((row) => {
    const { outcome, partition, offset } = row;
    if (outcome !== 'TRIGGERED' || partition === null || offset === null) return [];
    const changedAt = since.get(`${row.pipelineId}/${row.pipelineVersion}`) ?? -Infinity;
    const place = placeOf(partition, offset);
    return (appendedAt.get(place) ?? Infinity) < changedAt + indexLagMs ? [] : [{ ...row, partition, offset, place }];
  });
  triggered.sort((a, b) => a.decidedAt - b.decidedAt || Number(a.offset - b.offset));
  const last = new Map<string, (typeof triggered)[number]>();
  for (const row of triggered) {
    const key = `${row.pipelineId}/${row.partition}`;
    const before = last.get(key);
    if (before !== undefined && row.offset <= before.offset) {
      report(
        'broken',
        [row.pipelineId, row.signalId],
        `pipeline ${row.pipelineId} was triggered by offset ${row.place} after ${before.place}`,
      );
    }
    last.set(key, row);
  }
}
