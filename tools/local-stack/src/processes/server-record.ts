import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../../bootstrap/process-identity.cjs';
import type { ComponentName, Ports, ServerRecipe } from '../types';

/** The record of a started server, by which a later command recognises it. */
export interface ServerRecord extends ProcessIdentity {
  readonly fingerprint: string;
  readonly ports: Ports;
  readonly label: string;
  readonly address: string;
  /** The server's stop signal, recorded so that any later command can stop it. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopDeadlineMs: number;
}

/** State of a server that an earlier command may have left running. */
export type RecordVerdict = 'none' | 'gone' | 'reusable' | 'outdated';

/** Pure decision: a record is useful only while its exact process is alive and its fingerprint matches. */
export function judgeRecord(record: ServerRecord | undefined, alive: boolean, fingerprint: string): RecordVerdict {
  if (!record) return 'none';
  if (!alive) return 'gone';
  return record.fingerprint === fingerprint ? 'reusable' : 'outdated';
}

/** The record in `file`; undefined when the file is missing or unreadable. */
export function readRecord(file: string): ServerRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is ServerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Partial<ServerRecord>;
  return (
    Number.isInteger(candidate.pid) &&
    typeof candidate.startTime === 'string' &&
    typeof candidate.fingerprint === 'string' &&
    Array.isArray(candidate.ports) &&
    typeof candidate.address === 'string' &&
    typeof candidate.stopSignal === 'string' &&
    typeof candidate.stopDeadlineMs === 'number'
  );
}

/** Atomically writes the record of a newly started process. */
export function writeRecord(file: string, pid: number, recipe: ServerRecipe, ports: Ports): ServerRecord {
  const record: ServerRecord = {
    ...identify(pid),
    fingerprint: recipe.fingerprint,
    ports,
    label: recipe.label,
    address: recipe.address(ports),
    stopSignal: recipe.stopSignal ?? 'SIGTERM',
    stopDeadlineMs: recipe.stopDeadlineMs,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
  return record;
}

/** Record file of a component in a stack's folder. */
export function recordFileOf(stackDir: string, component: ComponentName): string {
  return join(stackDir, `${component}.pid.json`);
}

export function removeRecord(file: string): void {
  rmSync(file, { force: true });
}

export { isAlive };
