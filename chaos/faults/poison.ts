import { toSignalMessage } from '@tripline/contracts';
import { createKafkaConnection, createProducer, type KafkaConnection, kafkaConfigSchema } from '@tripline/messaging';

import { LOAD_TICKERS, plannedSignal } from '../load/load-plan';
import { POISON_KINDS } from '../poison/poison-kinds';
import type { TradingSystem } from '../system/trading-system';
import type { Lane } from './lane';
import { secondsUntil, untilDecided, wait } from './recovery';

/** Longest time that a partition with pending records may make no progress. */
const LONGEST_STALL_S = 5;
const WATCH_MS = 100;
/** Poison signals use indexes far beyond the load's, so that their ids never clash. */
const FIRST_NUMBER = 50_000_000;

/** F17: every kind of poison on every partition between good signals; checks that no partition stalls. */
export function poisonLane(kinds: number): Lane {
  return async ({ system, log }) => {
    const watch = watchStalls(system);
    const address = { KAFKA_BROKERS: system.servers.direct.KAFKA_BROKERS, KAFKA_CLIENT_ID: 'chaos-poison' };
    const connection = createKafkaConnection(kafkaConfigSchema.parse(address));
    const producer = createProducer(connection, { maxMessageBytes: 1024 * 1024, maxRequestBytes: 1000 * 1024 });
    await producer.start();
    const dead = new Map<string, number>();
    for (const [index, kind] of POISON_KINDS.slice(0, kinds).entries()) {
      const before = await deadRecords(system);
      const signal = plannedSignal(system.seed, FIRST_NUMBER + index);
      // The partitioner chooses the partition, so use enough keys to reach all four.
      const keys = LOAD_TICKERS.slice(0, 12);
      for (const key of keys) await producer.send(system.names.topic, [{ key, value: kind.make(signal) }]);
      const seconds = await secondsUntil(async () => (await deadRecords(system)) >= before + keys.length);
      dead.set(kind.name, seconds ?? -1);
      const problem = seconds === null ? 'it was not dead-lettered' : null;
      log.add({ fault: 'F17', what: `poison: ${kind.name}`, recoverySeconds: seconds, problem });
    }
    await publishTombstone(connection, system.names.topic);
    await producer.send(system.names.topic, [goodRecord(system)]);
    await producer.stop();
    await untilDecided(system);
    const stall = await watch.stop();
    const problem = stall > LONGEST_STALL_S ? `a partition stalled for ${stall.toFixed(1)} s` : null;
    log.add({ fault: 'F17', what: 'longest stall of a partition', recoverySeconds: stall, problem });
  };
}

function goodRecord({ seed }: TradingSystem): { key: string; value: string } {
  const signal = plannedSignal(seed, FIRST_NUMBER);
  return { key: signal.tickers[0]?.ticker ?? '', value: JSON.stringify(toSignalMessage(signal)) };
}

/** Sends a record without a value. Our own producer cannot, so this uses the underlying client. */
async function publishTombstone({ kafka }: KafkaConnection, topic: string): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key: LOAD_TICKERS[0] ?? '', value: null }] });
  await producer.disconnect();
}

async function deadRecords({ database }: TradingSystem): Promise<number> {
  const [row] = await database.query<{ dead: string }>({ text: 'SELECT count(*)::text AS dead FROM dead_signals' });
  return Number(row?.dead);
}

/** Watches each partition's progress; `stop` returns the longest stall of a partition with pending records, s. */
function watchStalls(system: TradingSystem): { stop(): Promise<number> } {
  const { admin, database, names } = system;
  const since = new Map<number, { next: bigint; at: number }>();
  let longest = 0;
  let isWatching = true;
  const look = async (): Promise<void> => {
    const ends = await admin.offsets(names.topic);
    const rows = await database.query<{ part: number; next: string }>(
      { text: 'SELECT part, next_off::text AS next FROM consumer_progress WHERE topic = $1' },
      [names.topic],
    );
    const now = performance.now();
    for (const { part, next } of rows) {
      const position = BigInt(next);
      const known = since.get(part);
      const isBehind = position < (ends.find(({ partition }) => partition === part)?.high ?? 0n);
      if (known === undefined || position !== known.next || !isBehind) since.set(part, { next: position, at: now });
      else longest = Math.max(longest, (now - known.at) / 1000);
    }
  };
  const watching = (async () => {
    while (isWatching) {
      await look().catch(() => undefined);
      await wait(WATCH_MS);
    }
  })();
  return {
    stop: async () => {
      isWatching = false;
      await watching;
      return longest;
    },
  };
}
