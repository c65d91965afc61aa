import type { Statement } from '../database/queryable';

/** $1 topic, $2 partition. */
export const LOCK_PROGRESS: Statement = {
  name: 'decide-lock-progress',
  text: `SELECT epoch, next_off::text AS next_off FROM consumer_progress WHERE topic = $1 AND part = $2 FOR NO KEY UPDATE`,
};

/** $1 topic, $2 partition, $3 epoch. */
export const INSERT_PROGRESS: Statement = {
  name: 'decide-insert-progress',
  text: `INSERT INTO consumer_progress (topic, part, epoch) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
};
