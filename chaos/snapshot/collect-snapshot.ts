import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PIPELINE_EXECUTIONS_QUEUE } from '@tripline/contracts';

import { expectedMockSignalIds } from '../../tools/accounting/expected-signals';
import { readSnapshot, type StoredSnapshot } from '../../tools/accounting/read-snapshot';
import { readTopic } from '../../tools/accounting/read-topic';
import { readSettlement } from '../../tools/accounting/settlement';
import { brokerEntries } from '../broker/broker-journal';
import type { AuditSnapshot, BrokerEntry, PublishedSignal, QueueJob, ZombieWrites } from '@tripline/audit';
import { readJournal } from '../load/journal';
import { plannedSignal } from '../load/load-plan';
import { EXTERNAL_VENUE, GENERATOR_TICKERS } from '../system/pipelines';
import { askRedis } from '../system/redis-client';
import type { SupervisedProcess } from '../system/supervised-process';
import type { TradingSystem } from '../system/trading-system';

/** Collects the audit snapshot of a system without unfinished work, each part from its own source. */
export async function collectSnapshot(system: TradingSystem): Promise<AuditSnapshot> {
  const { admin, database, names, pipelines } = system;
  const { records } = await readTopic(admin, names.topic);
  const { undecided } = await readSettlement(admin, database, names.topic);
  const stored = await readSnapshot(database, names.topic);
  return {
    ...stored,
    broker: [...(await internalOrders(system, stored)), ...brokerEntries(system.brokerFile)],
    published: [...publishedByLoad(system), ...publishedByGenerator(system)],
    records,
    pipelines: pipelines.map((pipeline) => ({ pipeline, validFrom: -Infinity, validTo: Infinity })),
    jobs: await readJobs(system),
    lag: Math.max(0, undecided),
    zombies: zombieWrites(system),
  };
}

/** Recorded orders of the internal broker, which keeps no other journal; the other venue has its own journal. */
async function internalOrders(
  { database }: TradingSystem,
  { broker }: StoredSnapshot,
): Promise<readonly BrokerEntry[]> {
  const rows = await database.query<{ id: string }>(
    {
      text: `SELECT o.client_order_id AS id FROM orders o
        JOIN executions e ON e.id = o.execution_id
        JOIN pipeline_versions v ON v.pipeline_id = e.pipeline_id AND v.version = e.pipeline_version
        WHERE v.definition ->> 'venue' = $1`,
    },
    [EXTERNAL_VENUE],
  );
  const external = new Set(rows.map(({ id }) => id));
  return broker.filter(({ clientOrderId }) => !external.has(clientOrderId));
}

function publishedByLoad({ journalFile, seed }: TradingSystem): PublishedSignal[] {
  const { acked, sent } = readJournal(journalFile);
  return Array.from({ length: Math.max(acked, sent) }, (_, n) => ({
    signalId: plannedSignal(seed, n).signalId,
    acked: n < acked,
  }));
}

/** The generator's own watermark: everything it covers is acknowledged. */
function publishedByGenerator({ names, seed }: TradingSystem): PublishedSignal[] {
  const file = join(names.dir, 'mock.watermark.json');
  const count = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { stepsDone: number }).stepsDone : 0;
  return expectedMockSignalIds({ seed, tickers: GENERATOR_TICKERS, count }).map((signalId) => ({
    signalId,
    acked: true,
  }));
}

const LISTS = { wait: 'waiting', active: 'active', paused: 'waiting' } as const;
const SETS = { prioritized: 'waiting', delayed: 'delayed', completed: 'completed', failed: 'failed' } as const;
/** BullMQ puts markers into its lists; they are not jobs. */
const isJob = (id: unknown): id is string => typeof id === 'string' && !/^0(:|$)/.test(id);

/** Part Q of the audit snapshot, read from Redis without the client under test. */
export async function readJobs({ servers, names }: TradingSystem): Promise<QueueJob[]> {
  const url = servers.direct.REDIS_URL;
  const key = (name: string): string => `${names.redisPrefix}:${PIPELINE_EXECUTIONS_QUEUE}:${name}`;
  const jobs: QueueJob[] = [];
  const add = (reply: unknown, state: QueueJob['state']): void => {
    if (Array.isArray(reply)) for (const jobId of reply) if (isJob(jobId)) jobs.push({ jobId, state });
  };
  for (const [name, state] of Object.entries(LISTS)) add(await askRedis(url, 'LRANGE', key(name), '0', '-1'), state);
  for (const [name, state] of Object.entries(SETS)) add(await askRedis(url, 'ZRANGE', key(name), '0', '-1'), state);
  return jobs;
}

/** Denied writes of workers that had lost their lease, counted from their logs. An accepted write would show up in A3 and A4. */
export function zombieWrites(system: TradingSystem): ZombieWrites {
  const rejected = system.all('worker').reduce((sum, process) => sum + refusedWrites(process), 0);
  return { attempted: rejected, rejected };
}

/** How often this process logged that another worker holds its lease. */
export function refusedWrites({ logFile }: Pick<SupervisedProcess, 'logFile'>): number {
  const text = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  return text.split('"event":"lease_lost"').length - 1;
}
