import { toSignalMessage } from '@tripline/contracts';
import { createKafkaConnection, createProducer, kafkaConfigSchema } from '@tripline/messaging';

import { plannedSignal } from '../load/load-plan';
import { residentBytes } from '../system/process-state';
import type { Lane } from './lane';
import { secondsUntil, untilDecided, wait } from './recovery';

const BACKLOG = 100_000;
const BATCH = 2_000;
/** Latency in each direction: half a second per statement. */
const LATENCY_MS = 250;
/** A tenth of the backlog must be decided at that latency. Then the link recovers and the rest must be decided. */
const SLOW_MS = 30_000;
const FIRST_NUMBER = 60_000_000;
const MEMORY_LIMIT_MIB = 512;
const MIB = 1024 * 1024;

/** F15: a hundred thousand records are waiting, and every statement takes half a second. */
export function slowConsumerLane(): Lane {
  return async ({ system, log }) => {
    const dispatchers = system.all('dispatcher');
    await Promise.all(dispatchers.map((process) => process.retire()));
    await publishBacklog(system.servers.direct.KAFKA_BROKERS, system.names.topic, system.seed);
    const link = system.servers.links['dispatcher-postgres'];
    await link.impose({ kind: 'latency', ms: LATENCY_MS, jitterMs: 0 });
    const launched = dispatchers.map((process) => {
      process.launch();
      return process.launches;
    });
    let peak = 0;
    const watch = setInterval(() => {
      for (const { pid } of dispatchers) peak = Math.max(peak, residentBytes(pid ?? 0) / MIB);
    }, 250);
    const before = await decided(system.database);
    await wait(SLOW_MS);
    const slowly = (await decided(system.database)) - before;
    await link.heal();
    const recoverySeconds = await untilDecided(system);
    await secondsUntil(async () => (await decided(system.database)) >= BACKLOG);
    clearInterval(watch);
    const relaunches = dispatchers.reduce((sum, { launches }, index) => sum + launches - (launched[index] ?? 0), 0);
    const problems = [
      ...(recoverySeconds === null ? ['the backlog was not decided'] : []),
      ...(slowly === 0 ? ['nothing was decided while the database was slow'] : []),
      ...(peak > MEMORY_LIMIT_MIB ? [`${Math.round(peak)} MiB resident`] : []),
      ...(relaunches > 0 ? [`${relaunches} dispatchers exited`] : []),
    ];
    const what = `100,000 waiting, 500 ms a statement for 30 s (${slowly} decided, peak ${Math.round(peak)} MiB)`;
    log.add({ fault: 'F15', what, recoverySeconds, problem: problems.length === 0 ? null : problems.join('; ') });
  };
}

async function decided(database: {
  query(statement: { text: string }): Promise<readonly Record<string, unknown>[]>;
}): Promise<number> {
  const [row] = await database.query({ text: 'SELECT coalesce(sum(records), 0)::text AS n FROM consumer_progress' });
  return Number(row?.['n']);
}

/** Signals for tickers that no pipeline watches: only reading and counting is slow. */
async function publishBacklog(brokers: string, topic: string, seed: number): Promise<void> {
  const config = kafkaConfigSchema.parse({ KAFKA_BROKERS: brokers, KAFKA_CLIENT_ID: 'chaos-backlog' });
  const producer = createProducer(createKafkaConnection(config));
  await producer.start();
  for (let from = 0; from < BACKLOG; from += BATCH) {
    const messages = Array.from({ length: BATCH }, (_, index) => {
      const signal = plannedSignal(seed, FIRST_NUMBER + from + index);
      const ticker = `UNWATCHED-${index % 50}`;
      const tickers = signal.tickers.map((entry) => ({ ...entry, ticker }));
      return { key: ticker, value: JSON.stringify(toSignalMessage({ ...signal, tickers })) };
    });
    await producer.send(topic, messages);
  }
  await producer.stop();
}
