import type { Statement } from '@tripline/database';

/** $1 topic, $2 partitions. In order of the partitions. */
export const LOCK_PROGRESS: Statement = {
  name: 'decide-lock-progress',
  text: `SELECT part, epoch, next_off::text AS next_off FROM consumer_progress
WHERE topic = $1 AND part = ANY ($2::int[]) ORDER BY part FOR NO KEY UPDATE`,
};

/** $1 topic, $2 partitions, $3 their epochs. */
export const INSERT_PROGRESS: Statement = {
  name: 'decide-insert-progress',
  text: `INSERT INTO consumer_progress (topic, part, epoch)
SELECT $1, p.part, p.epoch FROM unnest($2::int[], $3::int[]) AS p (part, epoch) ORDER BY p.part ON CONFLICT DO NOTHING`,
};
