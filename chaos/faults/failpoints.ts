import { existsSync, readFileSync } from 'node:fs';

import type { FailpointName } from '@tripline/failpoints';
import { TimeoutError, withTimeout } from '@tripline/runtime';

import type { SupervisedProcess } from '../system/supervised-process';
import { SLOW_AGENTS } from '../system/environment';
import type { Role } from '../system/system-options';
import { between, type Lane, type LaneContext, shuffled } from './lane';
import type { FaultId } from './matrix';
import { untilDecided, untilGoOn, runsOf, untilAcked } from './recovery';

/** If an armed failpoint is not reached within this time, it needs another event first. */
const FIRE_DEADLINE_MS = 25_000;
const TRIES = 4;
const FAILPOINT_CODE = 137;

export interface FailpointLaneOptions {
  readonly fault: FaultId;
  readonly role: Role;
  readonly index: number;
  /** One exit per entry; a point may appear several times. */
  readonly points: readonly FailpointName[];
  /** Additional variables for each launch. */
  readonly env?: (random: () => number) => Readonly<Record<string, string>>;
}

interface Armed {
  readonly point: FailpointName;
  readonly tries: number;
}

/** F2, F21: a process exits at one armed failpoint after another; each launch is armed with the next one. */
export function failpointLane(options: FailpointLaneOptions): Lane {
  return async (context) => {
    if (options.points.length === 0) return;
    const { random, system, log } = context;
    const process = system.all(options.role)[options.index];
    if (process === undefined) throw new Error(`${options.role} ${options.index + 1} is not running`);
    const queue: Armed[] = shuffled(options.points, random).map((point) => ({ point, tries: 0 }));
    let armed: Armed | undefined;
    const recoveries: Promise<void>[] = [];
    process.nextEnv = () => {
      armed = queue.shift();
      const slow = options.role === 'worker' ? [SLOW_AGENTS] : [];
      const rules = armed === undefined ? slow : [`${armed.point}=exit@${between(random, 1, 4)}`, ...slow];
      return { ...(rules.length > 0 && { FAILPOINTS: rules.join(',') }), ...options.env?.(random) };
    };
    await process.kill();
    while (armed !== undefined) {
      const waitingFor: Armed = armed;
      const end = await withTimeout(process.untilEnd(), FIRE_DEADLINE_MS).catch((error: unknown) => {
        if (error instanceof TimeoutError) return undefined;
        throw error;
      });
      if (end?.code === FAILPOINT_CODE) {
        recoveries.push(recordFired(context, options, process, waitingFor.point));
      } else if (waitingFor.tries + 1 < TRIES) {
        queue.push({ ...waitingFor, tries: waitingFor.tries + 1 });
        if (end === undefined) await process.kill();
        else if (armed === undefined) await process.kill();
      } else {
        log.add({
          fault: options.fault,
          what: `${waitingFor.point} in ${process.name}`,
          problem: 'the failpoint was never reached',
        });
        if (end === undefined) await process.kill();
      }
    }
    process.nextEnv = () => (options.role === 'worker' ? { ...options.env?.(random) } : {});
    await Promise.all(recoveries);
  };
}

async function recordFired(
  { system, log }: LaneContext,
  { fault, role }: FailpointLaneOptions,
  process: SupervisedProcess,
  point: FailpointName,
): Promise<void> {
  const from = performance.now();
  let recoverySeconds: number | null;
  if (role === 'worker') recoverySeconds = await untilGoOn(system, await runsOf(system, process.name), from);
  else if (role === 'dispatcher') recoverySeconds = await untilDecided(system, from);
  else recoverySeconds = await untilAcked(system, from);
  const problem = recoverySeconds === null ? 'its work did not resume' : null;
  log.add({ fault, what: `${point} in ${process.name}`, recoverySeconds, problem });
}

/** How often each failpoint ended a process, from the evidence that the processes wrote. */
export function firedPoints(evidenceFile: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (!existsSync(evidenceFile)) return counts;
  for (const line of readFileSync(evidenceFile, 'utf8').split('\n')) {
    if (line === '') continue;
    const { point, action } = JSON.parse(line) as { point: string; action: string };
    if (action === 'exit') counts.set(point, (counts.get(point) ?? 0) + 1);
  }
  return counts;
}
