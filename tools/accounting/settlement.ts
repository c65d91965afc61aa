import type { TopicAdmin } from '@tripline/messaging';
import type { Database } from '@tripline/database';

/** How much work the system has left. */
export interface Settlement {
  /** Records of the topic without a decision. */
  readonly undecided: number;
  /** Executions that have not ended. */
  readonly unfinished: number;
  readonly isSettled: boolean;
}

/**
 * Compares the end of the topic with the progress in the database. The topic is read first and the executions last, so
 * decisions made meanwhile can delay the answer but never falsify it.
 */
export async function readSettlement(
  admin: Pick<TopicAdmin, 'offsets'>,
  database: Database,
  topic: string,
): Promise<Settlement> {
  const partitions = await admin.offsets(topic);
  const records = partitions.reduce((sum, { low, high }) => sum + Number(high - low), 0);
  const [decided] = await database.query<{ records: string }>(
    { text: 'SELECT coalesce(sum(records), 0)::text AS records FROM consumer_progress WHERE topic = $1' },
    [topic],
  );
  const [open] = await database.query<{ runs: string }>({
    text: `SELECT count(*)::text AS runs FROM executions WHERE status IN ('pending', 'running')`,
  });
  const undecided = records - Number(decided?.records ?? 0);
  const unfinished = Number(open?.runs ?? 0);
  return { undecided, unfinished, isSettled: undecided <= 0 && unfinished === 0 };
}
