import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { identify, type ProcessIdentity } from '../bootstrap/process-identity.cjs';
// Below the index: the e2e set-up loads this without Jest's module mapping, and must not reach for our libs.
import { stopProcess } from '../local-stack/src/processes/server-process';

const STOP_DEADLINE_MS = 35_000;
const SUFFIX = '.process.json';

/** File that names the process of a service while it may run. */
function processFile(dir: string, app: string): string {
  return join(dir, `${app}${SUFFIX}`);
}

/** Notes the process of a service, so that a later run finds it when this one is killed. */
export function recordProcess(dir: string, app: string, pid: number): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(processFile(dir, app), JSON.stringify(identify(pid)));
}

/** Stops the service that a killed run left behind; exactly the recorded process, nobody who got its pid later. */
export async function stopLeftBehind(dir: string, app: string): Promise<void> {
  const file = processFile(dir, app);
  if (!existsSync(file)) return;
  const left = readIdentity(file);
  if (left !== undefined) await stopProcess(left, 'SIGTERM', STOP_DEADLINE_MS);
  rmSync(file, { force: true });
}

/** The same for every service that is noted in the folder. */
export async function stopAllLeftBehind(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  const apps = readdirSync(dir).filter((name) => name.endsWith(SUFFIX));
  await Promise.all(apps.map((name) => stopLeftBehind(dir, name.slice(0, -SUFFIX.length))));
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined; // half-written by a crash
  }
}
