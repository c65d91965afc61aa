import { TRADING_SIGNALS_TOPIC } from '@tripline/contracts';

import { readTopic } from '../../tools/accounting/read-topic';
import type { TopicRecord } from '@tripline/audit';
import type { TradingSystem } from '../system/trading-system';
import type { Lane, LaneContext } from './lane';
import { pauseLoad, readAnew } from './redelivery';
import { secondsUntil, untilDecided, wait } from './recovery';

/** Records that were removed from the log; the audit snapshot needs them. */
export interface LostRecords {
  /** Records that were decided before the topic was recreated. */
  readonly moved: TopicRecord[];
  /** Records that retention removed before they were read. */
  readonly unread: TopicRecord[];
}

const UNREAD_MS = 3_000;

/**
 * F12: the log or the group's offsets are lost. Of every five faults, two delete the group's offsets, two lose unread
 * records to retention, and the last recreates the topic.
 */
export function logLossLane(count: number, lost: LostRecords): Lane {
  return async (context) => {
    const kinds = [forgetOffsets, passRetention, forgetOffsets, passRetention, makeAnew];
    for (let fault = 0; fault < count; fault += 1) await kinds[fault % kinds.length]?.(context, lost);
  };
}

async function forgetOffsets({ system, log }: LaneContext): Promise<void> {
  const from = performance.now();
  await readAnew(system);
  const recoverySeconds = await untilDecided(system, from);
  const problem = recoverySeconds === null ? 'work did not resume' : null;
  log.add({ fault: 'F12', what: 'group offsets deleted', recoverySeconds, problem });
}

/** Retention removes unread records: the offset gap must be counted and reported. */
async function passRetention({ system, log }: LaneContext, lost: LostRecords): Promise<void> {
  await untilDecided(system);
  await Promise.all(system.all('dispatcher').map((process) => process.retire()));
  await wait(UNREAD_MS);
  const next = await decidedUpTo(system);
  const before = await skippedOffsets(system);
  // Records after these end offsets stay in the log.
  const ends = await system.admin.offsets(system.names.topic);
  const { records } = await readTopic(system.admin, system.names.topic);
  await system.admin.deleteRecords(
    system.names.topic,
    ends.map(({ partition, high }) => ({ partition, offset: high })),
  );
  const end = new Map(ends.map(({ partition, high }) => [partition, high]));
  const gone = records.filter(({ partition, offset }) => offset < (end.get(partition) ?? 0n));
  for (const record of gone) {
    if (record.offset >= (next.get(record.partition) ?? 0n)) lost.unread.push(record);
    else lost.moved.push(record);
  }
  for (const process of system.all('dispatcher')) process.launch();
  const recoverySeconds = await untilDecided(system);
  const skipped = (await skippedOffsets(system)) - before;
  const unread = gone.filter(({ partition, offset }) => offset >= (next.get(partition) ?? 0n)).length;
  const problem =
    recoverySeconds === null ? 'work did not resume' : skipped < unread ? `${skipped} of ${unread} counted` : null;
  log.add({ fault: 'F12', what: `retention removed ${unread} unread records`, recoverySeconds, problem });
}

/** Recreates the topic under its old name, with offsets from 0. */
async function makeAnew({ system, log }: LaneContext, lost: LostRecords): Promise<void> {
  await pauseLoad(system);
  const { records } = await readTopic(system.admin, system.names.topic);
  lost.moved.push(...records);
  await Promise.all(system.all('dispatcher').map((process) => process.retire()));
  const epoch = await latestEpoch(system);
  await system.admin.deleteTopic(system.names.topic);
  await wait(1_000);
  await system.admin.ensureTopic(
    { ...TRADING_SIGNALS_TOPIC, name: system.names.topic },
    { partitions: TRADING_SIGNALS_TOPIC.defaultPartitions, replicationFactor: 1 },
  );
  const from = performance.now();
  for (const process of [...system.all('dispatcher'), ...system.all('load'), ...system.all('generator')])
    process.launch();
  await wait(UNREAD_MS);
  // Until a partition's progress has its new epoch, the old offset is beyond the end of the new log and would count as decided.
  const recoverySeconds = (await untilAllBegan(system, epoch, from)) && (await untilDecided(system, from));
  const problem = recoverySeconds === null ? 'work did not resume' : null;
  log.add({ fault: 'F12', what: 'topic recreated', recoverySeconds, problem });
}

async function latestEpoch({ database }: TradingSystem): Promise<number> {
  const [row] = await database.query<{ epoch: number }>({
    text: 'SELECT coalesce(max(epoch), 0)::int AS epoch FROM consumer_progress',
  });
  return row?.epoch ?? 0;
}

/** True when every partition is read in a later epoch; the load reaches all partitions. */
async function untilAllBegan({ database, names }: TradingSystem, epoch: number, from: number): Promise<number | null> {
  const text = 'SELECT count(*)::int AS begun FROM consumer_progress WHERE topic = $1 AND epoch > $2';
  return secondsUntil(async () => {
    const [row] = await database.query<{ begun: number }>({ text }, [names.topic, epoch]);
    return row?.begun === TRADING_SIGNALS_TOPIC.defaultPartitions;
  }, from);
}

async function decidedUpTo({ database, names }: TradingSystem): Promise<ReadonlyMap<number, bigint>> {
  const rows = await database.query<{ part: number; next: string }>(
    { text: 'SELECT part, next_off::text AS next FROM consumer_progress WHERE topic = $1' },
    [names.topic],
  );
  return new Map(rows.map(({ part, next }) => [part, BigInt(next)]));
}

async function skippedOffsets({ database }: TradingSystem): Promise<number> {
  const text = 'SELECT coalesce(sum(skipped_offsets), 0)::text AS skipped FROM consumer_progress';
  const [row] = await database.query<{ skipped: string }>({ text });
  return Number(row?.skipped);
}
