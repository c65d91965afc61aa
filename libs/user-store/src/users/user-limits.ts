import { LimitReachedError, type Queryable, type Statement } from '@tripline/database';

/** How many of each a user may own. Prevents one user from filling the match index or the services' memory and labels. */
export interface UserLimits {
  /** Inactive ones count; deleted ones do not. */
  readonly maxPipelines: number;
  /** Pipelines that watch `*` or a pattern such as `BTC-*`. They are limited because every signal is compared with them. */
  readonly maxWildcardPipelines: number;
  readonly maxScanners: number;
  readonly maxWebhooks: number;
}

export type LimitedResource = 'pipelines' | 'wildcard_pipelines' | 'scanners' | 'webhooks';

/** The row about to be written. Its own id is not counted, because a transaction may be repeated after a lost COMMIT. */
export interface Claim {
  readonly resource: LimitedResource;
  readonly ownerId: string;
  /** Id of the pipeline or scanner; for a webhook, the id of its pipeline. */
  readonly id: string;
}

/**
 * $1 user. Serialises the changes of one user, to stop two of them from both using the last free slot. Not FOR UPDATE, because
 * that would block inserts of rows that refer to the user.
 */
const LOCK_OWNER: Statement = { text: 'SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE' };

/** $1 owner, $2 id to exclude from the count. */
const COUNTS: Readonly<Record<LimitedResource, Statement>> = {
  pipelines: {
    text: 'SELECT count(*)::int AS owned FROM pipelines WHERE user_id = $1 AND deleted_at IS NULL AND id <> $2',
  },
  wildcard_pipelines: {
    text: `SELECT count(*)::int AS owned
FROM pipelines p JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version
WHERE p.user_id = $1 AND p.deleted_at IS NULL AND p.id <> $2
  AND jsonb_path_exists(v.definition, '$.tickers[*] ? (@ like_regex "[*]$")')`,
  },
  scanners: { text: 'SELECT count(*)::int AS owned FROM scanners WHERE user_id = $1 AND id <> $2' },
  webhooks: {
    text: `SELECT count(*)::int AS owned FROM pipeline_webhooks w JOIN pipelines p ON p.id = w.pipeline_id
WHERE p.user_id = $1 AND p.deleted_at IS NULL AND p.id <> $2`,
  },
};

const LIMIT_OF = {
  pipelines: 'maxPipelines',
  wildcard_pipelines: 'maxWildcardPipelines',
  scanners: 'maxScanners',
  webhooks: 'maxWebhooks',
} as const satisfies Record<LimitedResource, keyof UserLimits>;

/** Must be the first lock of the transaction, because all transactions must lock in the same order. */
export async function lockOwner(transaction: Queryable, ownerId: string, limits: UserLimits | null): Promise<void> {
  if (limits !== null) await transaction.query(LOCK_OWNER, [ownerId]);
}

/**
 * Checks that the owner may have one more. The transaction must have locked the owner.
 * @throws LimitReachedError when the owner has reached the limit
 */
export async function assertBelowLimit(
  transaction: Queryable,
  { resource, ownerId, id }: Claim,
  limits: UserLimits | null,
): Promise<void> {
  if (limits === null) return;
  const limit = limits[LIMIT_OF[resource]];
  const rows = await transaction.query<{ owned: number }>(COUNTS[resource], [ownerId, id]);
  if ((rows[0]?.owned ?? 0) >= limit) throw new LimitReachedError(resource, limit);
}
