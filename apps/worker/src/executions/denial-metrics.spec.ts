import { createExposition, createLogger, createMetrics } from '@tripline/telemetry';

import { createRunReports } from './run-reports';
import { createZombieWriteCounter } from './zombie-writes';

describe('metrics of denied work', () => {
  const create = () => {
    const metrics = createMetrics({ service: 'worker', defaultMetrics: false });
    return { metrics, scrape: async () => (await createExposition(metrics).render('text/plain')).body.split('\n') };
  };

  it('count executions denied at their start, by reason', async () => {
    const { metrics, scrape } = create();
    const logger = createLogger({ service: 'worker', level: 'silent' });
    const ids = { executionId: 'e', pipelineId: 'p', userId: 'u' };
    createRunReports({ logger, metrics, queue: 'q', now: () => 0 }).onDenied({
      ...ids,
      triggerMode: 'signal',
      denial: 'halted_user',
    });
    expect(await scrape()).toContain('executions_refused_total{stage="start",reason="halted_user"} 1');
  });

  it('count writes of a worker that has lost its lease, by operation', async () => {
    const { metrics, scrape } = create();
    createZombieWriteCounter(metrics)({ operation: 'finish' });
    expect(await scrape()).toContain('zombie_writes_rejected_total{operation="finish"} 1');
  });
});
