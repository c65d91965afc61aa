import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { stopAllLeftBehind } from '../../tools/demo/left-behind';
import { stopRunning } from '../../tools/local-stack/src/inspect';
import { createE2eStack, processDir, ROOT, stackDir } from './e2e-stack';

const APPS = ['api', 'worker', 'trigger-dispatcher', 'signal-generator'];

/** Starts empty servers and builds the four apps for production. */
export default async function setUp(): Promise<void> {
  await stopAllLeftBehind(processDir());
  await stopRunning(stackDir(), () => undefined);
  rmSync(stackDir(), { recursive: true, force: true });
  // `npm test` builds everything before the first test.
  if (process.env['TRIPLINE_TEST_STACK_DIR'] === undefined) buildApps();
  await createE2eStack((line) => process.stderr.write(`e2e: ${line}\n`)).start();
}

function buildApps(): void {
  const nx = join(ROOT, 'node_modules/.bin/nx');
  const args = ['run-many', '-t', 'build', '-p', APPS.join(','), '--output-style=static'];
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };
  const result = spawnSync(nx, args, { cwd: ROOT, env, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`building the apps failed:\n${result.stdout}\n${result.stderr}`);
}
