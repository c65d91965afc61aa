import type { Database } from '@tripline/database';

/** The journal entry of a chunk or record that a dispatcher has started but not finished. */
export interface CrashGuard {
  /** First offset of the chunk, or the record's offset when records are handled one by one. */
  readonly offset: bigint;
  /**
   * Records [from, until) are handled one by one, and those before `offset` are committed; null while the chunk is
   * handled as a whole.
   */
  readonly range: { readonly from: bigint; readonly until: bigint } | null;
  /** Crash count: how often it was started without being finished, including the attempt in progress. */
  readonly crashCount: number;
}

export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** Persists what a process is handling, so that it survives a crash. */
export interface CrashGuardStore {
  load(partition: PartitionName): Promise<CrashGuard | null>;
  save(partition: PartitionName, guard: CrashGuard): Promise<void>;
  clear(partition: PartitionName): Promise<void>;
}

interface GuardRow {
  readonly off: string;
  readonly from_off: string | null;
  readonly until_off: string | null;
  readonly strikes: number;
}

export function createCrashGuardStore(database: Database): CrashGuardStore {
  return {
    load: async ({ topic, partition }) => {
      const [row] = await database.query<GuardRow>(
        {
          text: `SELECT off::text AS off, from_off::text AS from_off, until_off::text AS until_off, strikes
            FROM chunk_guards WHERE topic = $1 AND part = $2`,
        },
        [topic, partition],
      );
      if (row === undefined) return null;
      const { from_off: from, until_off: until, strikes: crashCount } = row;
      const range = from === null || until === null ? null : { from: BigInt(from), until: BigInt(until) };
      return { offset: BigInt(row.off), range, crashCount };
    },
    save: async ({ topic, partition }, { offset, range, crashCount }) => {
      await database.query(
        {
          name: 'chunk-guard-save',
          text: `-- insert
            INSERT INTO chunk_guards (topic, part, off, from_off, until_off, strikes) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (topic, part) DO UPDATE SET off = excluded.off, from_off = excluded.from_off,
              until_off = excluded.until_off, strikes = excluded.strikes, updated_at = clock_timestamp()`,
        },
        [
          topic,
          partition,
          offset.toString(),
          range?.from.toString() ?? null,
          range?.until.toString() ?? null,
          crashCount,
        ],
      );
    },
    clear: async ({ topic, partition }) => {
      await database.query({ text: 'DELETE FROM chunk_guards WHERE topic = $1 AND part = $2' }, [topic, partition]);
    },
  };
}
