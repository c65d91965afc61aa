import type { Database, Statement } from '@tripline/database';
import { ownerOf, type Viewer } from '@tripline/paging';
import { assertBelowLimit, lockOwner, type UserLimits } from '@tripline/user-store';

/** The stored form of a webhook's secret; see the migration. */
export interface WebhookSecretRecord {
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** 32 bytes. */
  readonly secretSha256: Uint8Array;
}

/** A webhook as looked up for a call. */
export interface WebhookRecord extends WebhookSecretRecord {
  readonly pipelineId: string;
  /** The pipeline's owner, on whose behalf a call is decided. */
  readonly userId: string;
}

export interface WebhookRepository {
  /**
   * Creates the webhook or replaces its secret. Returns the creation time, epoch ms; null if the pipeline is not the viewer's.
   * Throws `LimitReachedError` when a new webhook would exceed the owner's limit. Replacing a secret is always allowed.
   */
  save(viewer: Viewer, pipelineId: string, secret: WebhookSecretRecord): Promise<number | null>;
  /** Creation time, epoch ms; null if there is no webhook or the pipeline is not the viewer's. */
  findCreatedAt(viewer: Viewer, pipelineId: string): Promise<number | null>;
  /** False if there was no webhook or the pipeline is not the viewer's. */
  remove(viewer: Viewer, pipelineId: string): Promise<boolean>;
  /** For calls. Also null if the pipeline is deleted or its owner is inactive. */
  findForCall(pipelineId: string): Promise<WebhookRecord | null>;
}

/** $1 pipeline, $2 owner or null. */
const READ_TARGET: Statement = {
  text: `
SELECT p.user_id AS "ownerId", EXISTS (SELECT FROM pipeline_webhooks w WHERE w.pipeline_id = p.id) AS "exists"
FROM pipelines p WHERE p.id = $1 AND ($2::uuid IS NULL OR p.user_id = $2) AND p.deleted_at IS NULL`,
};

/** $1 pipeline, $2 owner or null, $3 salt, $4 hash, $5 acting user. */
const SAVE: Statement = {
  text: `
INSERT INTO pipeline_webhooks (pipeline_id, salt, secret_sha256, created_by)
SELECT p.id, $3::bytea, $4::bytea, $5::uuid FROM pipelines p
WHERE p.id = $1 AND ($2::uuid IS NULL OR p.user_id = $2) AND p.deleted_at IS NULL
ON CONFLICT (pipeline_id) DO UPDATE SET salt = excluded.salt, secret_sha256 = excluded.secret_sha256,
  created_by = excluded.created_by, created_at = now()
RETURNING created_at`,
};

const OF_OWNER = `pipeline_webhooks w USING pipelines p
WHERE w.pipeline_id = $1 AND p.id = w.pipeline_id AND ($2::uuid IS NULL OR p.user_id = $2) AND p.deleted_at IS NULL`;

/** $1 pipeline, $2 owner or null. */
const REMOVE: Statement = { text: `DELETE FROM ${OF_OWNER} RETURNING w.pipeline_id` };
const FIND_CREATED: Statement = {
  text: `SELECT w.created_at FROM ${OF_OWNER.replace('USING', 'CROSS JOIN')}`,
};

/** $1 pipeline. */
const FIND_FOR_CALL: Statement = {
  name: 'webhook-call',
  text: `
SELECT w.pipeline_id AS "pipelineId", p.user_id AS "userId", w.salt, w.secret_sha256 AS "secretSha256"
FROM pipeline_webhooks w JOIN pipelines p ON p.id = w.pipeline_id JOIN users u ON u.id = p.user_id
WHERE w.pipeline_id = $1 AND p.deleted_at IS NULL AND u.is_active`,
};

/** @param limits how many webhooks a user may own; default: no limit, for seeding and tests */
export function createWebhookRepository(database: Database, limits: UserLimits | null = null): WebhookRepository {
  return {
    save: async (viewer, pipelineId, { salt, secretSha256 }) => {
      const values = [pipelineId, ownerOf(viewer), Buffer.from(salt), Buffer.from(secretSha256), viewer.userId];
      return database.withTransaction(async (transaction) => {
        const [target] = await transaction.query<{ ownerId: string; exists: boolean }>(READ_TARGET, values.slice(0, 2));
        if (target === undefined) return null;
        const { ownerId } = target;
        await lockOwner(transaction, ownerId, limits);
        if (!target.exists)
          await assertBelowLimit(transaction, { resource: 'webhooks', ownerId, id: pipelineId }, limits);
        const [row] = await transaction.query<{ created_at: Date }>(SAVE, values);
        return row?.created_at.getTime() ?? null;
      });
    },
    findCreatedAt: async (viewer, pipelineId) => {
      const [row] = await database.query<{ created_at: Date }>(FIND_CREATED, [pipelineId, ownerOf(viewer)]);
      return row?.created_at.getTime() ?? null;
    },
    remove: async (viewer, pipelineId) => (await database.query(REMOVE, [pipelineId, ownerOf(viewer)])).length > 0,
    findForCall: async (pipelineId) =>
      (await database.query<WebhookRecord & object>(FIND_FOR_CALL, [pipelineId]))[0] ?? null,
  };
}
