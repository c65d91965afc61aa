import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from '@tripline/telemetry';

import type { FailpointAction, FailpointName, FailpointRule } from './parse-failpoints';

/** What a process ends with at an `exit` point: the code that shells and containers give one that SIGKILL ended. */
const FAILPOINT_EXIT_CODE = 137;

/** The settings of fault injection; see docs/operations.md. */
export interface FailpointConfig {
  readonly rules: readonly FailpointRule[];
  /** File that gets a line for every action taken, written before it is; null: none. */
  readonly evidenceFile: string | null;
}

/** A step that was told to fail. Its code makes it count as a lost connection, so that it is retried like one. */
export class FailpointError extends Error {
  readonly code = 'ECONNRESET';

  constructor(name: FailpointName) {
    super(`failpoint ${name}`);
    this.name = 'FailpointError';
  }
}

/** What the actions need from the process. */
export interface FailpointHost {
  exit(code: number): void;
  pause(): void;
  random(): number;
}

const thisProcess: FailpointHost = {
  exit: (code) => process.exit(code),
  pause: () => process.kill(process.pid, 'SIGSTOP'),
  random: () => Math.random(),
};

const NOTHING = Promise.resolve();
let armed: ((name: FailpointName) => Promise<void>) | undefined;

/**
 * A place where fault injection may act. Nothing happens unless `armFailpoints` was given rules at start.
 * @throws FailpointError when it was told to
 */
export function failpoint(name: FailpointName): Promise<void> {
  return armed === undefined ? NOTHING : armed(name);
}

/** Arms the points of the configuration, once, at start; says so in the log. Without rules the points do nothing. */
export function armFailpoints(config: FailpointConfig, logger: Logger, host: FailpointHost = thisProcess): void {
  armed = undefined;
  if (config.rules.length === 0) return;
  const points = [...new Set(config.rules.map(({ name }) => name))];
  logger.warn({ event: 'failpoints_armed', points }, 'fault injection is on: this process will fail on purpose');
  const hits = new Map<FailpointName, number>();
  armed = async (name) => {
    const hit = (hits.get(name) ?? 0) + 1;
    hits.set(name, hit);
    for (const rule of config.rules) {
      if (rule.name !== name || (rule.hit !== null && rule.hit !== hit)) continue;
      recordEvidence(config.evidenceFile, rule, hit);
      // A delay is the background of other faults: no line for each.
      if (rule.action.kind !== 'delay') {
        logger.warn({ event: 'failpoint_reached', point: name, action: rule.action.kind, hit }, 'failpoint reached');
      }
      await act(rule.action, name, host);
    }
  };
}

async function act(action: FailpointAction, name: FailpointName, host: FailpointHost): Promise<void> {
  switch (action.kind) {
    case 'exit':
      host.exit(FAILPOINT_EXIT_CODE);
      return;
    case 'throw':
      throw new FailpointError(name);
    case 'delay':
      await delay(action.fromMs + host.random() * (action.toMs - action.fromMs));
      return;
    case 'hang':
      return new Promise(() => undefined);
    case 'block':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action.ms);
      return;
    case 'pause':
      host.pause();
  }
}

/** Synchronous, so that it is there although the process ends in the next moment. */
function recordEvidence(file: string | null, { name, action }: FailpointRule, hit: number): void {
  if (file === null || action.kind === 'delay') return;
  const line = { at: new Date().toISOString(), pid: process.pid, point: name, action: action.kind, hit };
  try {
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  } catch {
    // Evidence is for whoever counts; without it the point acts all the same.
  }
}
