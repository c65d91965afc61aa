import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { ServerAddresses } from '../../tools/demo/demo-environment';
import { createLocalStack, type KafkaKind, type LocalStack, stopRunning } from '../../tools/local-stack';

export const ROOT = resolve(__dirname, '../..');
/** Folder of the benches' servers, directly below .local, next to the downloads that all stacks share. */
export const BENCH_DIR = join(ROOT, '.local', 'bench');
/** Distinct from the ports of all other commands. */
const PORTS = { kafka: [39_092, 39_093], redis: [36_379], postgres: [35_432] };

/** Servers used only by the benches. */
export interface BenchServers {
  readonly stack: LocalStack;
  readonly kafkaKind: KafkaKind | undefined;
  readonly addresses: ServerAddresses;
}

/**
 * Starts empty Kafka, Redis and PostgreSQL servers, as durable as in production (fsync on). Servers named in the environment
 * are not used: a bench must never touch the developer's data.
 */
export async function startServers(report: (line: string) => void): Promise<BenchServers> {
  await stopServers();
  rmSync(BENCH_DIR, { recursive: true, force: true });
  const stack = createLocalStack({ dir: BENCH_DIR, ports: PORTS, environment: {}, report });
  const { kafkaKind } = await stack.start();
  if (kafkaKind === 'mock') report('Kafka is an in-memory mock here: the figures do not apply to a real broker');
  return { stack, kafkaKind, addresses: stack.environment() as unknown as ServerAddresses };
}

/** Also stops leftovers of an earlier command. */
export async function stopServers(): Promise<void> {
  await stopRunning(BENCH_DIR, () => undefined);
}
