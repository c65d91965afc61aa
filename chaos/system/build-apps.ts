import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { ROOT } from './servers';

const APPS = ['api', 'worker', 'trigger-dispatcher', 'signal-generator'];

/** Builds the apps for production. @throws Error with the output if the build fails */
export function buildApps(report: (line: string) => void): void {
  const from = performance.now();
  const args = ['run-many', '-t', 'build', '-p', APPS.join(','), '--output-style=static'];
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };
  const result = spawnSync(join(ROOT, 'node_modules/.bin/nx'), args, { cwd: ROOT, env, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`building the apps failed:\n${result.stdout}\n${result.stderr}`);
  report(`apps built in ${((performance.now() - from) / 1000).toFixed(1)} s`);
}
