import { uniqueName } from '@tripline/testing';

import { fillTopic, removeTopic } from '../support/bare/fill-topic';
import { startBare } from '../support/bare-process';
import type { BenchContext } from '../support/bench';
import type { LatencySummary } from '../support/latencies';
import type { Workplace } from '../support/workplace';
import type { OfferedLoad } from './offered-load';

const PARTITIONS = 4;
/** How long to wait after the last record was published. */
const SETTLE_MS = 20_000;

export interface BarePathSummary extends LatencySummary {
  /** Number of executed jobs, including the warm-up. */
  readonly seen: number;
}

/** The same load through bare kafkajs, one committed insert, BullMQ `add` and a no-op worker, each in its own process. */
export async function measureBarePath(
  context: BenchContext,
  workplace: Workplace,
  load: OfferedLoad & { readonly seconds: number; readonly warmUpSeconds: number },
): Promise<BarePathSummary> {
  const { KAFKA_BROKERS: brokers, REDIS_URL: redisUrl } = workplace.servers.addresses;
  const topic = uniqueName('bench_bare_latency');
  const { signal, report } = context;
  const recordOf = () => ({ key: '', value: '' });
  await fillTopic({ brokers, topic, partitions: PARTITIONS, count: 0, recordOf, signal, report: () => undefined });
  const queue = uniqueName('bare');
  const every = Math.round(1 / load.matchesPerSignal);
  const count = Math.floor(load.ratePerSecond * load.seconds);
  const expected = Math.ceil(count / every);
  const firstCounted = load.ratePerSecond * load.warmUpSeconds;
  const file = (name: string): string => `latency/bare/${name}.process.ts`;
  const worker = startBare<BarePathSummary>(context, file('work'), [
    ...[redisUrl, queue, String(expected), String(firstCounted)],
  ]);
  const consumer = startBare(context, file('consume'), [brokers, topic, workplace.databaseUrl, redisUrl, queue]);
  await Promise.all([worker.firstLine, consumer.firstLine]);
  await startBare(context, file('produce'), [
    ...[brokers, topic, String(load.ratePerSecond), String(load.seconds), String(every)],
  ]).result;
  const late = setTimeout(() => worker.send('stop'), SETTLE_MS);
  const summary = await worker.result;
  clearTimeout(late);
  consumer.stop();
  await removeTopic(brokers, topic);
  if (summary.seen < expected) report(`bare path: ${expected - summary.seen} of ${expected} jobs did not arrive`);
  return summary;
}
