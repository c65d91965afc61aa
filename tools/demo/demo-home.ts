import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { acquireFileLock } from '../bootstrap/file-lock.cjs';
import { identify, type ProcessIdentity } from '../bootstrap/process-identity.cjs';
import { stopProcess } from '../local-stack';

/** A run that is just ending gives its folder back within this time. */
const LOCK_WAIT_MS = 1_000;
const STOP_DEADLINE_MS = 35_000;

/**
 * Takes the folder of a demo for this process, and returns the function that gives it back. Two runs in one folder would
 * share servers, and the first to end would take them away from the other. A run that was killed holds nothing.
 */
export async function occupy(home: string, command: string): Promise<() => void> {
  let owner: ProcessIdentity | undefined;
  const release = await acquireFileLock(join(home, 'run.lock'), {
    waitMs: LOCK_WAIT_MS,
    onWait: (found) => (owner = found),
  });
  if (release) return release;
  const pid = owner === undefined ? '' : ` (pid ${owner.pid})`;
  throw new Error(`\`${command}\` runs in this clone already${pid}: end that one first, with Ctrl-C where it runs`);
}

/** File that names the process of a service while it may run. */
export function processFile(home: string, app: string): string {
  return join(home, `${app}.process.json`);
}

export function recordProcess(file: string, pid: number): void {
  writeFileSync(file, JSON.stringify(identify(pid)));
}

/** Stops the service that a killed run left behind; exactly the recorded process, nobody who got its pid later. */
export async function stopLeftBehind(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const left = readIdentity(file);
  if (left !== undefined) await stopProcess(left, 'SIGTERM', STOP_DEADLINE_MS);
  rmSync(file, { force: true });
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined; // half-written by a crash
  }
}
