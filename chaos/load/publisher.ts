import { toSignalMessage } from '@tripline/contracts';
import type { Signal } from '@tripline/triggers';
import { createKafkaConnection, createProducer, kafkaConfigSchema } from '@tripline/messaging';

import { openJournal, readJournal } from './journal';
import { LOAD, plannedRecords } from './load-plan';

/**
 * The load publisher, a separate process that is killed like the others. It sends the plan of its seed at the configured
 * rate, resumes after the last acknowledged signal, and writes its journal. SIGTERM ends it.
 */
const TICK_MS = 50;
const MAX_BATCH = 500;
const RETRY_MS = 200;

interface PublisherSettings {
  readonly topic: string;
  readonly journalFile: string;
  readonly seed: number;
  /** Delay after the start, ms, and length of a burst at a fivefold rate; null: none. */
  readonly burstAtMs: number | null;
}

function readSettings(): PublisherSettings {
  const { KAFKA_TOPIC_SIGNALS = '', LOAD_JOURNAL = '', LOAD_SEED = '1', LOAD_BURST_AT_MS = '' } = process.env;
  return {
    topic: KAFKA_TOPIC_SIGNALS,
    journalFile: LOAD_JOURNAL,
    seed: Number(LOAD_SEED),
    burstAtMs: LOAD_BURST_AT_MS === '' ? null : Number(LOAD_BURST_AT_MS),
  };
}

/** Signals due after this time. */
function dueAfter(ms: number, burstAtMs: number | null): number {
  const burstMs = burstAtMs === null ? 0 : Math.min(Math.max(0, ms - burstAtMs), LOAD.burstMs);
  return Math.floor((ms * LOAD.signalsPerSecond + burstMs * (LOAD.burstPerSecond - LOAD.signalsPerSecond)) / 1000);
}

const encode = (signal: Signal): string => JSON.stringify(toSignalMessage(signal));
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function main(): Promise<void> {
  const { topic, journalFile, seed, burstAtMs } = readSettings();
  let isStopping = false;
  process.once('SIGTERM', () => (isStopping = true));
  const connection = createKafkaConnection(kafkaConfigSchema.parse(process.env));
  const producer = createProducer(connection, { maxMessageBytes: 1024 * 1024, maxRequestBytes: 900 * 1024 });
  await producer.start();
  const first = readJournal(journalFile).acked;
  const journal = openJournal(journalFile);
  const startedAt = performance.now();
  let next = first;
  while (!isStopping) {
    const due = first + dueAfter(performance.now() - startedAt, burstAtMs);
    const to = Math.min(due, next + MAX_BATCH);
    if (to === next) {
      await wait(TICK_MS);
      continue;
    }
    const messages = plannedRecords(seed, next, to, encode);
    journal.sent(to);
    try {
      await producer.send(topic, messages);
    } catch {
      // It is unknown which records were stored: send the same records again.
      await wait(RETRY_MS);
      continue;
    }
    journal.acked(to);
    next = to;
  }
  await producer.stop();
  journal.close();
}

void main();
