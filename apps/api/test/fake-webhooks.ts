import type { WebhookSecretRecord } from '@tripline/pipeline-store';

import type { HookRoutesOptions } from '../src/webhooks/hook-routes';
import type { WebhookRoutesOptions } from '../src/webhooks/webhook-routes';

/** Webhooks in memory, for the pipelines of a fake repository. */
export function createFakeWebhooks(
  pipelines: HookRoutesOptions['pipelines'],
  now: () => number,
): WebhookRoutesOptions['webhooks'] & { rows: Map<string, WebhookSecretRecord & { userId: string }> } {
  const rows = new Map<string, WebhookSecretRecord & { userId: string }>();
  return {
    rows,
    async save(viewer, pipelineId, secret) {
      if ((await pipelines.find(viewer, pipelineId)) === null) return null;
      rows.set(pipelineId, { ...secret, userId: viewer.userId });
      return now();
    },
    findCreatedAt: async (viewer, pipelineId) => (rows.get(pipelineId)?.userId === viewer.userId ? now() : null),
    remove: async (viewer, pipelineId) => rows.get(pipelineId)?.userId === viewer.userId && rows.delete(pipelineId),
    async findForCall(pipelineId) {
      const row = rows.get(pipelineId);
      return row === undefined ? null : { pipelineId, ...row };
    },
  };
}
