import { basename, join, resolve } from 'node:path';

// Below the index: the global set-up is loaded without Jest's module mapping, and must not reach for our libs.
import { createLocalStack, type LocalStack } from '../../tools/local-stack/src/stack';

export const ROOT = resolve(__dirname, '../..');

/** Servers of these tests alone, away from the ports of every other run. */
const PORTS = { kafka: [29_092, 29_093], redis: [26_379], postgres: [25_432] };

/** Folder of the servers; each `npm test` has its own, so that several may run at once. */
export function stackDir(): string {
  const runner = process.env['TRIPLINE_TEST_STACK_DIR'];
  // Straight below .local, where the downloads of all stacks are kept.
  return join(ROOT, '.local', runner === undefined ? 'e2e-stack' : `${basename(runner)}-e2e`);
}

/** Where the services under test are noted, so that an interrupted run leaves none behind. */
export function processDir(): string {
  return join(stackDir(), 'processes');
}

/** The same stack for every suite: starting it finds what runs already, and starts again what a test has taken away. */
export function createE2eStack(report?: (line: string) => void): LocalStack {
  return createLocalStack({ dir: stackDir(), ports: PORTS, environment: {}, report });
}
