import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from '@tripline/telemetry';

import type { FailpointAction, FailpointName, FailpointRule } from './parse-failpoints';

/** Exit code at an `exit` point: the code that shells and containers report after SIGKILL. */
const FAILPOINT_EXIT_CODE = 137;

/** Fault injection settings; see docs/operations.md. */
export interface FailpointConfig {
  readonly rules: readonly FailpointRule[];
  /** File that gets a line before every action; null: none. */
  readonly evidenceFile: string | null;
}

/** A step that was told to fail. Its code counts as a lost connection, so it is retried like one. */
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
 * A point where fault injection may act. Does nothing unless `armFailpoints` was given rules at start.
 * @throws FailpointError when told to
 */
export function failpoint(name: FailpointName): Promise<void> {
  return armed === undefined ? NOTHING : armed(name);
}

/** Arms the configured points once, at start, and logs it. Without rules the points do nothing. */
export function armFailpoints(config: FailpointConfig, logger: Logger, host: FailpointHost = thisProcess): void {
  armed = undefined;
  if (config.rules.length === 0) return;
  const points = [...new Set(config.rules.map(({ name }) => name))];
  logger.warn({ event: 'failpoints_armed', points }, 'fault injection is on; this process will fail on purpose');
  const hits = new Map<FailpointName, number>();
  armed = async (name) => {
    const hit = (hits.get(name) ?? 0) + 1;
    hits.set(name, hit);
    for (const rule of config.rules) {
      if (rule.name !== name || (rule.hit !== null && rule.hit !== hit)) continue;
      recordEvidence(config.evidenceFile, rule, hit);
      // A delay accompanies other faults, so it gets no log line.
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

/** Synchronous, so that the line is written even if the process ends right after. */
function recordEvidence(file: string | null, { name, action }: FailpointRule, hit: number): void {
  if (file === null || action.kind === 'delay') return;
  const line = { at: new Date().toISOString(), pid: process.pid, point: name, action: action.kind, hit };
  try {
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  } catch {
    // The evidence is only for counting; without it the point still acts.
  }
}
