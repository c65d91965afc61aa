import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { identify, type ProcessIdentity } from '../bootstrap/process-identity.cjs';
// Imported below the index: the e2e set-up loads this file without Jest's module mapping, so it must not load our libs.
import { stopProcess } from '../local-stack/src/processes/server-process';

const STOP_DEADLINE_MS = 35_000;
const SUFFIX = '.process.json';

/** File that records a service's process while the service may be running. */
function processFile(dir: string, app: string): string {
  return join(dir, `${app}${SUFFIX}`);
}

/** Records a service's process so that a later command can find it if this one is killed. */
export function recordProcess(dir: string, app: string, pid: number): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(processFile(dir, app), JSON.stringify(identify(pid)));
}

/** Stops a service that a killed command left running. It never signals another process that reused the pid. */
export async function stopLeftBehind(dir: string, app: string): Promise<void> {
  const file = processFile(dir, app);
  if (!existsSync(file)) return;
  const left = readIdentity(file);
  if (left !== undefined) await stopProcess(left, 'SIGTERM', STOP_DEADLINE_MS);
  rmSync(file, { force: true });
}

/** Does the same for every service recorded in the folder. */
export async function stopAllLeftBehind(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  const apps = readdirSync(dir).filter((name) => name.endsWith(SUFFIX));
  await Promise.all(apps.map((name) => stopLeftBehind(dir, name.slice(0, -SUFFIX.length))));
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined; // partly written before a crash
  }
}
