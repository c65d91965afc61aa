import { performance } from 'node:perf_hooks';
import { Client } from 'pg';

/**
 * The ceiling for making a change visible: with bare pg, one connection writes and notifies, another listens and reads the
 * row named in the notification. Returns the milliseconds of each round trip.
 */
export async function measureNotifyRoundTrips(url: string, ids: readonly string[]): Promise<number[]> {
  const [writer, listener] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
  await Promise.all([writer.connect(), listener.connect()]);
  try {
    await listener.query('LISTEN bench_round_trip');
    let seen: (id: string) => void = () => undefined;
    listener.on('notification', ({ payload = '' }) => {
      void listener
        .query('SELECT definition FROM pipeline_versions WHERE pipeline_id = $1 AND version = 1', [payload])
        .then(() => seen(payload));
    });
    const durations: number[] = [];
    for (const id of ids) {
      const startedAt = performance.now();
      const visible = new Promise<string>((resolve) => (seen = resolve));
      await writer.query('BEGIN');
      await writer.query('UPDATE pipelines SET updated_at = now() WHERE id = $1', [id]);
      await writer.query("SELECT pg_notify('bench_round_trip', $1)", [id]);
      await writer.query('COMMIT');
      await visible;
      durations.push(performance.now() - startedAt);
    }
    return durations;
  } finally {
    await Promise.all([writer.end(), listener.end()]);
  }
}
