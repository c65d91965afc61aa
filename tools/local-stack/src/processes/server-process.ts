import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '../../../bootstrap/process-identity.cjs';
import type { Launch } from '../types';

const POLL_MS = 20;
const KILL_DEADLINE_MS = 5_000;

/**
 * Starts a server in its own session, so that Ctrl-C reaches only this process and the servers stop after
 * the applications. Its output goes to `logFile`.
 */
export async function launchDetached(launch: Launch, logFile: string): Promise<number> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    const child = spawn(launch.command, launch.args, {
      cwd: launch.cwd,
      env: { ...process.env, ...launch.env },
      detached: true,
      stdio: ['ignore', log, log],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${launch.command} has no pid`);
    return child.pid;
  } finally {
    closeSync(log);
  }
}

/** Waits until the process is gone; false at the deadline. */
export async function waitForExit(identity: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Signals exactly that process. Does nothing if it is gone, even if another process reuses its pid. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks the process to stop and kills it after the deadline. Returns which of the two ended it. */
export async function stopProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  deadlineMs: number,
): Promise<'stopped' | 'killed'> {
  signalProcess(identity, signal);
  if (await waitForExit(identity, deadlineMs)) return 'stopped';
  signalProcess(identity, 'SIGKILL');
  if (await waitForExit(identity, KILL_DEADLINE_MS)) return 'killed';
  throw new Error(`Process ${identity.pid} survived SIGKILL for ${KILL_DEADLINE_MS} ms`);
}

/** The last lines of a log, for error messages. */
export function tailOf(file: string, lines = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}
