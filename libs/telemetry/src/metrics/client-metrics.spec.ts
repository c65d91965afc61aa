import { createExposition } from '../exposition/exposition';
import { createDatabaseMetrics, createPublishMetrics, createRedisMetrics, observePool } from './client-metrics';
import { createMetrics, type Metrics } from './metrics';

/** The samples of a metric. */
async function samplesOf(metrics: Metrics, metric: string): Promise<string[]> {
  const { body } = await createExposition(metrics).render('text/plain');
  return body.split('\n').filter((line) => line.startsWith(metric));
}

describe('metrics of the clients', () => {
  const create = () => createMetrics({ service: 'api', defaultMetrics: false });

  it('count SQL errors and timeouts of the pool', async () => {
    const metrics = create();
    const database = createDatabaseMetrics(metrics);
    database.onError({ type: '40001' });
    database.onAcquire({ seconds: 1, timedOut: true });
    database.onAcquire({ seconds: 1, timedOut: false });
    expect(await samplesOf(metrics, 'database_errors_total')).toEqual(['database_errors_total{error_type="40001"} 1']);
    expect(await samplesOf(metrics, 'database_pool_acquire_timeouts_total')).toEqual([
      'database_pool_acquire_timeouts_total 1',
    ]);
  });

  it('time transactions', async () => {
    const metrics = create();
    createDatabaseMetrics(metrics).onTransaction({ seconds: 0.2 });
    expect(await samplesOf(metrics, 'database_transaction_duration_seconds_count')).toEqual([
      'database_transaction_duration_seconds_count 1',
    ]);
  });

  it('show every state of the pool, its size and its limit included', async () => {
    const metrics = create();
    observePool(metrics, () => ({ total: 5, idle: 2, active: 3, waiting: 1, max: 10 }));
    expect((await samplesOf(metrics, 'database_pool_connections')).sort()).toEqual([
      'database_pool_connections{state="idle"} 2',
      'database_pool_connections{state="in_use"} 3',
      'database_pool_connections{state="max"} 10',
      'database_pool_connections{state="total"} 5',
      'database_pool_connections{state="waiting"} 1',
    ]);
  });

  it('count records the broker did not acknowledge', async () => {
    const metrics = create();
    createPublishMetrics(metrics).onPublishFailed({ topic: 't', count: 3, error: 'timeout' });
    expect(await samplesOf(metrics, 'kafka_publish_failure_total')).toEqual([
      'kafka_publish_failure_total{topic="t",error="timeout"} 3',
    ]);
  });

  it('count errors of the Redis connection', async () => {
    const metrics = create();
    createRedisMetrics(metrics).onConnectionError();
    expect(await samplesOf(metrics, 'redis_connection_errors_total')).toEqual(['redis_connection_errors_total 1']);
  });
});
