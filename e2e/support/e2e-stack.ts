import { basename, join, resolve } from 'node:path';

// Imports below the index: the global set-up runs without Jest's module mapping and must not load our libs.
import { createLocalStack, type LocalStack } from '../../tools/local-stack/src/stack';

export const ROOT = resolve(__dirname, '../..');

/** Servers used only by these tests, on ports that no other command uses. */
const PORTS = { kafka: [29_092, 29_093], redis: [26_379], postgres: [25_432] };

/** Folder of the servers; each `npm test` has its own, so that several can run at once. */
export function stackDir(): string {
  const runner = process.env['TRIPLINE_TEST_STACK_DIR'];
  // Directly below .local, next to the downloads that all stacks share.
  return join(ROOT, '.local', runner === undefined ? 'e2e-stack' : `${basename(runner)}-e2e`);
}

/** Records the services under test, so that leftovers of an interrupted test can be stopped. */
export function processDir(): string {
  return join(stackDir(), 'processes');
}

/** The same stack for every suite. Starting it reuses running servers and restarts those that a test has stopped. */
export function createE2eStack(report?: (line: string) => void): LocalStack {
  return createLocalStack({ dir: stackDir(), ports: PORTS, environment: {}, report });
}
