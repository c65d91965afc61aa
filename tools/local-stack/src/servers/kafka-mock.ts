import { mkdirSync, openSync, readSync, closeSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Launch, Ports, ServerRecipe } from '../types';
import { checkKafka } from './kafka-check';

const DISCOVERY_DEADLINE_MS = 10_000;
/** librdkafka's notice, e.g. "… ignored and replaced with 127.0.0.1:35311". */
const ADDRESS_NOTICE = /replaced with 127\.0\.0\.1:(\d+)/;

/** Options of the mock broker. */
export interface KafkaMockOptions {
  readonly kcat: string;
  readonly dir: string;
}

/**
 * librdkafka's in-memory broker, kept alive by a kcat that reads an unused topic. It chooses its own port,
 * loses everything when it stops, creates topics on first use, and supports neither createTopics nor idempotent producers.
 */
export function createKafkaMockRecipe(options: KafkaMockOptions): ServerRecipe {
  return {
    component: 'kafka',
    kind: 'mock',
    label: 'Kafka mock broker (kcat)',
    fingerprint: `mock ${options.kcat}`,
    preferredPorts: [],
    startDeadlineMs: 15_000,
    stopDeadlineMs: 5_000,
    async prepare(): Promise<void> {
      mkdirSync(options.dir, { recursive: true });
    },
    launch: (): Launch => ({
      command: options.kcat,
      args: ['-b', '127.0.0.1:1', '-X', 'test.mock.num.brokers=1', '-C', '-q', '-t', 'tripline-mock-keepalive'],
      cwd: options.dir,
    }),
    discoverPorts,
    check: (ports: Ports) => checkKafka(ports[0] ?? 0),
    address: (ports: Ports) => `127.0.0.1:${ports[0]}`,
  };
}

async function discoverPorts(logFile: string, fromByte: number): Promise<Ports> {
  const deadline = Date.now() + DISCOVERY_DEADLINE_MS;
  while (Date.now() < deadline) {
    const match = ADDRESS_NOTICE.exec(readFrom(logFile, fromByte));
    if (match) return [Number(match[1])];
    await delay(20);
  }
  throw new Error(`kcat did not announce its mock broker within ${DISCOVERY_DEADLINE_MS} ms (see ${logFile})`);
}

function readFrom(file: string, fromByte: number): string {
  const length = statSync(file).size - fromByte;
  const buffer = Buffer.alloc(Math.max(0, length));
  const handle = openSync(file, 'r');
  try {
    readSync(handle, buffer, 0, buffer.length, fromByte);
  } finally {
    closeSync(handle);
  }
  return buffer.toString();
}
