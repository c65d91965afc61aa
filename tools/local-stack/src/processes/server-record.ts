import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../../bootstrap/process-identity.cjs';
import type { ComponentName, Ports, ServerRecipe } from '../types';

/** What a run writes down about a server it started, so that a later run can recognise it. */
export interface ServerRecord extends ProcessIdentity {
  readonly fingerprint: string;
  readonly ports: Ports;
  readonly label: string;
  readonly address: string;
  /** How this server wants to be stopped; written down so that any later run can do it. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopDeadlineMs: number;
}

/** What to do about the server an earlier run may have left behind. */
export type RecordVerdict = 'none' | 'gone' | 'reusable' | 'outdated';

/** Pure decision: a record is worth something only while that very process lives, and then only if it fits. */
export function judgeRecord(record: ServerRecord | undefined, alive: boolean, fingerprint: string): RecordVerdict {
  if (!record) return 'none';
  if (!alive) return 'gone';
  return record.fingerprint === fingerprint ? 'reusable' : 'outdated';
}

/** The record in `file`, or undefined when there is none or it cannot be read. */
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

/** Writes the record of a process that was just started; whole or not at all. */
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
