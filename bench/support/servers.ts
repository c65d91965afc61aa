import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { ServerAddresses } from '../../tools/demo/demo-environment';
import { createLocalStack, type KafkaKind, type LocalStack, stopRunning } from '../../tools/local-stack';

export const ROOT = resolve(__dirname, '../..');
/** Folder of the benches' servers; straight below .local, where the downloads of all stacks are kept. */
export const BENCH_DIR = join(ROOT, '.local', 'bench');
/** Away from the ports of every other run. */
const PORTS = { kafka: [39_092, 39_093], redis: [36_379], postgres: [35_432] };

/** Servers of the benches alone. */
export interface BenchServers {
  readonly stack: LocalStack;
  readonly kafkaKind: KafkaKind | undefined;
  readonly addresses: ServerAddresses;
}

/**
 * Starts Kafka, Redis and Postgres, empty and as durable as in production (fsync on). What the environment names is not
 * used: a bench must never touch the developer's data.
 */
export async function startServers(report: (line: string) => void): Promise<BenchServers> {
  await stopServers();
  rmSync(BENCH_DIR, { recursive: true, force: true });
  const stack = createLocalStack({ dir: BENCH_DIR, ports: PORTS, environment: {}, report });
  const { kafkaKind } = await stack.start();
  if (kafkaKind === 'mock') report('Kafka is an in-memory mock here: the figures do not apply to a real broker');
  return { stack, kafkaKind, addresses: stack.environment() as unknown as ServerAddresses };
}

/** Stops what an earlier run left, too. */
export async function stopServers(): Promise<void> {
  await stopRunning(BENCH_DIR, () => undefined);
}
