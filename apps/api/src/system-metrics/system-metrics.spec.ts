import { createExposition, createLogger, createMetrics } from '@tripline/telemetry';
import { eventually } from '@tripline/testing';

import { createSystemMetrics } from './system-metrics';

const STATS = {
  activePipelines: 1,
  totalPipelines: 2,
  signalPipelines: 3,
  periodicPipelines: 4,
  activeUsers: 5,
  totalUsers: 6,
  executionsToday: 7,
  executionsRunning: 8,
  executionsPending: 9,
  successRate24hPercent: 97.5,
};
const HALT = { id: 'h', level: 'ticker', subject: 'AAPL', mode: 'cancel', reason: 'test' } as const;
const COUNTS = { active: 1, completed: 2, delayed: 0, failed: 0, paused: 0, prioritized: 3, waiting: 4 };

const HALTED = 'trading_halts_active{level="ticker",mode="cancel"} 1';

describe('system metrics', () => {
  const logger = createLogger({ service: 'api', level: 'silent' });
  const create = (stats: () => Promise<typeof STATS>, counts = () => Promise.resolve(COUNTS)) => {
    const metrics = createMetrics({ service: 'api', defaultMetrics: false });
    const queue = { counts };
    const component = createSystemMetrics({
      stats: { loadSystemStats: stats },
      halts: { loadActive: () => Promise.resolve([HALT]) },
      queue,
      metrics,
      logger,
      intervalMs: 10_000,
    });
    const scrape = async () => (await createExposition(metrics).render('text/plain')).body;
    return { component, scrape };
  };

  it('fills every system gauge and the queue depths', async () => {
    const { component, scrape } = create(() => Promise.resolve(STATS));
    await component.start();
    await eventually(async () => expect(await scrape()).toContain('system_success_rate_24h_percent 97.5'));
    const text = await scrape();
    for (const line of [
      'system_active_pipelines 1',
      'system_executions_pending_executions 9',
      'jobs_pending 7',
      HALTED,
    ]) {
      expect(text).toContain(line);
    }
    await component.stop();
  });

  it('counts a failure and still updates the other source', async () => {
    const { component, scrape } = create(() => Promise.reject(new Error('away')));
    await component.start();
    await eventually(async () => expect(await scrape()).toContain('system_collect_errors_total 1'));
    expect(await scrape()).toContain('queue_depth{channel="pipeline-executions"} 7');
    await component.stop();
  });

  it('exports no depth while the queue has never answered, and counts the failures', async () => {
    const { component, scrape } = create(
      () => Promise.resolve(STATS),
      () => Promise.reject(new Error('away')),
    );
    await component.start();
    await eventually(async () => expect(await scrape()).toContain('queue_collect_errors_total 1'));
    expect(await scrape()).not.toMatch(/queue_depth|jobs_pending/);
    await component.stop();
  });
});
