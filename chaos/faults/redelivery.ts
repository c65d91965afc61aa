import { createKafkaConnection, createProducer, kafkaConfigSchema } from '@tripline/messaging';

import type { TradingSystem } from '../system/trading-system';
import { type Lane, type LaneContext, shuffled } from './lane';
import { secondsUntil, untilDecided, wait } from './recovery';

const QUIET_DEADLINE_MS = 60_000;
const BATCH = 500;

/** F16: publishes every record again in another order, then rereads the whole topic; no new execution may start. */
export function redeliveryLane(times: number): Lane {
  return async (context) => {
    for (let time = 0; time < times; time += 1) await redeliver(context, time);
  };
}

async function redeliver({ system, log, random }: LaneContext, time: number): Promise<void> {
  await pauseLoad(system);
  const before = await runs(system);
  const records: { key: string; value: Buffer }[] = [];
  await system.admin.readAll(system.names.topic, ({ key, value }) => {
    if (value !== null && value.length < 64 * 1024) records.push({ key: key?.toString() ?? '', value });
  });
  const from = performance.now();
  // One third in the original order, one in random order, and one with some records three times.
  const order = time % 3 === 0 ? records : shuffled(records, random);
  const again =
    time % 3 === 2 ? order.flatMap((record) => (random() < 0.2 ? [record, record, record] : [record])) : order;
  await publish(system, again);
  const decided = await untilDecided(system, from);
  const afterDuplicates = await runs(system);
  await readAnew(system);
  const decidedAgain = await untilDecided(system, from);
  const after = await runs(system);
  const isDone = decided !== null && decidedAgain !== null;
  const problem = !isDone
    ? 'some records were not decided'
    : after === before
      ? null
      : `${after - before} new executions (${afterDuplicates - before} from duplicates)`;
  log.add({
    fault: 'F16',
    what: `${again.length} records again, then the whole topic`,
    recoverySeconds: decidedAgain,
    problem,
  });
  for (const process of [...system.all('load'), ...system.all('generator')]) process.launch();
}

/** Deletes the group's offsets while it has no members; new members read from the beginning. */
export async function readAnew(system: TradingSystem): Promise<void> {
  await Promise.all(system.all('dispatcher').map((process) => process.retire()));
  const isGone = async (): Promise<boolean> => {
    await system.admin.deleteGroup(system.names.group);
    return true;
  };
  // A killed member stays in the group until its session expires.
  await secondsUntil(isGone);
  for (const process of system.all('dispatcher')) process.launch();
}

/** Stops the publishers and waits until all work has finished. */
export async function pauseLoad(system: TradingSystem): Promise<void> {
  await Promise.all([...system.all('load'), ...system.all('generator')].map((process) => process.retire()));
  await untilDecided(system);
  const text = `SELECT count(*)::text AS open FROM executions WHERE status IN ('pending', 'running')`;
  const isQuiet = async (): Promise<boolean> => {
    const [row] = await system.database.query<{ open: string }>({ text });
    return row?.open === '0';
  };
  await secondsUntil(isQuiet, undefined, QUIET_DEADLINE_MS);
}

async function runs({ database }: TradingSystem): Promise<number> {
  const [row] = await database.query<{ runs: string }>({ text: 'SELECT count(*)::text AS runs FROM executions' });
  return Number(row?.runs);
}

async function publish(system: TradingSystem, records: readonly { key: string; value: Buffer }[]): Promise<void> {
  const address = { KAFKA_BROKERS: system.servers.direct.KAFKA_BROKERS, KAFKA_CLIENT_ID: 'chaos-redelivery' };
  const producer = createProducer(createKafkaConnection(kafkaConfigSchema.parse(address)));
  await producer.start();
  for (let from = 0; from < records.length; from += BATCH) {
    await producer.send(system.names.topic, records.slice(from, from + BATCH));
    await wait(0);
  }
  await producer.stop();
}
