import type { Signal } from '@tripline/triggers';

import type { Database } from '@tripline/database';
import { type Condition, equals, loadPage, ownerOf, type Page, type PageRequest, type Viewer } from '@tripline/paging';
import { SIGNAL_COLUMNS, type SignalColumns, signalOf } from './signal-rows';

export interface SignalRecord {
  readonly signal: Signal;
  readonly recordedAt: number;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: bigint | null;
  readonly traceparent: string | null;
}

export interface DeadSignalRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
  readonly detail: string;
  readonly rawSha256: string;
  readonly rawPrefix: Buffer;
  readonly recordedAt: number;
}

export interface ProgressRecord {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly nextOffset: bigint;
  readonly records: number;
  readonly valid: number;
  readonly dead: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly duplicates: number;
}

export interface SignalFilter extends PageRequest {
  readonly signalType?: string | undefined;
  readonly ticker?: string | undefined;
}

/**
 * A viewer sees shared signals and their own, an administrator sees all. Dead signals and progress are for
 * administrators only; the caller checks that.
 */
export interface SignalRepository {
  list(viewer: Viewer, filter?: SignalFilter): Promise<Page<SignalRecord>>;
  /** Also null when the signal belongs to another user. */
  find(viewer: Viewer, signalId: string): Promise<SignalRecord | null>;
  listDead(page?: PageRequest): Promise<Page<DeadSignalRecord>>;
  loadProgress(): Promise<readonly ProgressRecord[]>;
}

const SELECT = `
SELECT ${SIGNAL_COLUMNS}, s.topic, s.part, s.off::text AS off, s.traceparent, s.recorded_at FROM signals s`;

const SELECT_DEAD = `
SELECT d.topic, d.part, d.off::text AS off, d.reason, d.detail, d.raw_sha256, d.raw_prefix, d.recorded_at FROM dead_signals d`;

const SELECT_PROGRESS = `
SELECT topic, part, epoch, next_off::text AS next_off, records, valid, dead, matched, unmatched, duplicates
FROM consumer_progress ORDER BY topic, part`;

interface SignalRow extends SignalColumns {
  readonly topic: string | null;
  readonly part: number | null;
  readonly off: string | null;
  readonly traceparent: string | null;
  readonly recorded_at: Date;
}

interface DeadRow {
  readonly topic: string;
  readonly part: number;
  readonly off: string;
  readonly reason: string;
  readonly detail: string;
  readonly raw_sha256: string;
  readonly raw_prefix: Buffer;
  readonly recorded_at: Date;
}

interface ProgressRow extends Omit<ProgressRecord, 'partition' | 'nextOffset'> {
  readonly part: number;
  readonly next_off: string;
}

export function createSignalRepository(database: Database): SignalRepository {
  return {
    list: async (viewer, filter = {}) =>
      loadPage(database, {
        request: filter,
        select: SELECT,
        ...partsFor(viewer),
        timeColumn: 's.recorded_at',
        idColumn: 's.id',
        idType: 'uuid',
        conditions: [...equals('s.signal_type', filter.signalType), ...namesTicker(filter.ticker)],
        toItem: signalRecordOf,
      }),
    find: async (viewer, signalId) => {
      const text = `${SELECT} WHERE s.id = $1 AND ($2::uuid IS NULL OR s.owner_id IS NULL OR s.owner_id = $2)`;
      const rows = await database.query<SignalRow>({ text }, [signalId, ownerOf(viewer)]);
      return rows[0] === undefined ? null : signalRecordOf(rows[0]);
    },
    listDead: async (page = {}) =>
      loadPage(database, {
        request: page,
        select: SELECT_DEAD,
        timeColumn: 'd.recorded_at',
        idColumn: "(d.topic || '/' || d.part || '/' || d.epoch || '/' || d.off)",
        idType: 'text',
        conditions: [],
        toItem: deadSignalOf,
      }),
    loadProgress: async () => {
      const rows = await database.query<ProgressRow>({ text: SELECT_PROGRESS });
      return rows.map(({ part, next_off, ...counters }) => ({
        ...counters,
        partition: part,
        nextOffset: BigInt(next_off),
      }));
    },
  };
}

/** Reads the shared signals and the viewer's own separately, so the cost does not depend on other users' signals. */
function partsFor(viewer: Viewer): { readonly parts?: readonly Condition[] } {
  const owner = ownerOf(viewer);
  if (owner === null) return {};
  return { parts: [{ sql: 's.owner_id IS NULL' }, { sql: 's.owner_id = ?', values: [owner] }] };
}

function namesTicker(ticker: string | undefined): readonly Condition[] {
  if (ticker === undefined) return [];
  return [{ sql: 's.tickers @> ?::jsonb', values: [JSON.stringify([{ ticker }])] }];
}

function signalRecordOf(row: SignalRow): SignalRecord {
  return {
    signal: signalOf(row),
    recordedAt: row.recorded_at.getTime(),
    topic: row.topic,
    partition: row.part,
    offset: row.off === null ? null : BigInt(row.off),
    traceparent: row.traceparent,
  };
}

function deadSignalOf(row: DeadRow): DeadSignalRecord {
  return {
    topic: row.topic,
    partition: row.part,
    offset: BigInt(row.off),
    reason: row.reason,
    detail: row.detail,
    rawSha256: row.raw_sha256,
    rawPrefix: row.raw_prefix,
    recordedAt: row.recorded_at.getTime(),
  };
}
