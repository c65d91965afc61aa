import type { ExecutionTotals, StatsRepository } from '@tripline/execution-store';
import { z } from 'zod';

import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';

export interface HealthRoutesOptions {
  stats: Pick<StatsRepository, 'loadExecutionTotals'>;
  version: string;
  monotonicMs: () => number;
}

/** Shortest time between two counts, ms. The route is public, so its callers must not be able to load the database. */
const FRESH_MS = 1_000;

const healthSchema = z
  .object({
    service: z.literal('tripline'),
    status: z.enum(['ok', 'unavailable']),
    version: z.string(),
    stats: z
      .object({
        total_jobs: z.int(),
        pending: z.int(),
        running: z.int(),
        completed: z.int(),
        failed: z.int().describe('failed or timed out'),
      })
      .nullable()
      .describe('execution counts; null while the database does not answer'),
  })
  .meta({ id: 'Health' });
type Health = z.output<typeof healthSchema>;

/** For people and uptime monitors: 200 while the database answers, 503 otherwise. Orchestrators use the health server. */
export function registerHealthRoutes(app: ApiApp, options: HealthRoutesOptions): void {
  const loadTotals = remembered(options);
  app.route({
    method: 'GET',
    url: '/api/health',
    exposeHeadRoute: true,
    config: { access: 'public' },
    schema: {
      tags: ['health'],
      summary: 'Get system health and execution counts',
      security: [],
      response: { ...errorResponses(), 200: healthSchema, 503: healthSchema },
    },
    handler: async (_request, reply) => {
      const base = { service: 'tripline' as const, version: options.version };
      try {
        const stats = healthStats(await loadTotals());
        return { service: base.service, status: 'ok' as const, version: base.version, stats };
      } catch {
        return reply.code(503).send({ ...base, status: 'unavailable', stats: null });
      }
    },
  });
}

function healthStats({ total, byStatus }: ExecutionTotals): NonNullable<Health['stats']> {
  return {
    total_jobs: total,
    pending: byStatus.pending,
    running: byStatus.running,
    completed: byStatus.completed,
    failed: byStatus.failed + byStatus.timed_out,
  };
}

function remembered({ stats, monotonicMs }: HealthRoutesOptions): () => Promise<ExecutionTotals> {
  let last: { at: number; totals: Promise<ExecutionTotals> } | undefined;
  return () => {
    if (last === undefined || monotonicMs() - last.at > FRESH_MS) {
      last = { at: monotonicMs(), totals: stats.loadExecutionTotals() };
    }
    return last.totals;
  };
}
