import { createExposition, createMetrics } from '@tripline/telemetry';

import { createDispatchMetrics } from './dispatch-metrics';

function create() {
  const metrics = createMetrics({ service: 'trigger-dispatcher', defaultMetrics: false });
  const dispatches = createDispatchMetrics(metrics, 'group', () => 0);
  const scrape = async () => (await createExposition(metrics).render('text/plain')).body.split('\n');
  return { dispatches, scrape };
}

describe('createDispatchMetrics', () => {
  it('exports every reason of dead signals at 0 from the start, so that the alert sees the first one', async () => {
    const { dispatches, scrape } = create();
    expect(await scrape()).toContain('dead_signals_total{reason="not_json"} 0');
    expect(await scrape()).toContain('dead_signals_total{reason="process_killer"} 0');
    dispatches.recordQuarantined();
    expect(await scrape()).toContain('dead_signals_total{reason="process_killer"} 1');
  });

  it('counts skipped offsets and recreated topics', async () => {
    const { dispatches, scrape } = create();
    dispatches.recordOffsetsSkipped('t', 7);
    dispatches.recordTopicRecreated('t');
    expect(await scrape()).toContain('kafka_offsets_skipped_total{topic="t"} 7');
    expect(await scrape()).toContain('kafka_topic_recreations_total{topic="t"} 1');
  });

  it('counts what the sweeper put back by reason, and shows its backlog', async () => {
    const { dispatches, scrape } = create();
    dispatches.recordSweep(['not_enqueued', 'stale_job', 'lease_expired']);
    expect(await scrape()).toContain('sweeper_requeued_total{reason="lost"} 2');
    expect(await scrape()).toContain('sweeper_requeued_total{reason="lease_expired"} 1');
    expect(await scrape()).toContain('sweeper_backlog 3');
  });
});
