import { residentBytes } from '../system/process-state';
import type { SupervisedProcess } from '../system/supervised-process';
import { SLOW_AGENTS } from '../system/environment';
import type { Role } from '../system/system-options';
import { PRELOAD } from './clocks';
import type { Lane, LaneContext } from './lane';
import { secondsUntil, untilDecided, untilGoOn, runsOf, wait } from './recovery';

const MIB = 1024 * 1024;
const MEMORY_LIMIT_BYTES = 256 * MIB;
/** Block times of the event loop, for seven of every ten faults; the other three hit the memory limit. */
const BLOCKS_S = [1, 10, 40, 10, 1, 10, 40];
const EATING_DEADLINE_MS = 30_000;

/** F20: of ten faults, three grow a process until the memory limit kills it and seven block its event loop. */
export function resourceLane(count: number, role: Extract<Role, 'worker' | 'dispatcher'>, index: number): Lane {
  return async (context) => {
    const process = context.system.all(role)[index];
    if (process === undefined) throw new Error(`${role} ${index + 1} is not running`);
    for (let fault = 0; fault < count; fault += 1) {
      const place = fault % 10;
      const blockS = BLOCKS_S[place];
      if (blockS === undefined) await outgrow(context, role, process);
      else await block(context, role, process, blockS);
    }
  };
}

/** The limit works like a container's: a process that exceeds it is killed. */
async function outgrow({ system, log }: LaneContext, role: Role, process: SupervisedProcess): Promise<void> {
  process.nextEnv = () => ({ NODE_OPTIONS: PRELOAD, EAT_MB_PER_SECOND: '40' });
  await process.kill();
  process.nextEnv = () => ({});
  const isOver = (): Promise<boolean> => Promise.resolve(residentBytes(process.pid ?? 0) > MEMORY_LIMIT_BYTES);
  const reached = await secondsUntil(isOver, undefined, EATING_DEADLINE_MS);
  const held = role === 'worker' ? await runsOf(system, process.name) : [];
  const from = performance.now();
  await process.kill();
  const recoverySeconds = role === 'worker' ? await untilGoOn(system, held, from) : await untilDecided(system, from);
  const problem =
    reached === null ? 'its memory never reached the limit' : recoverySeconds === null ? 'work stopped' : null;
  log.add({ fault: 'F20', what: `${process.name} killed at 256 MB`, recoverySeconds, problem });
}

/** Longer than lease and session: other processes take over, and the late write is fenced off. */
async function block(
  { system, log }: LaneContext,
  role: Role,
  process: SupervisedProcess,
  seconds: number,
): Promise<void> {
  const point = role === 'worker' ? 'after-agents' : 'after-fetch';
  const rules = [`${point}=block(${seconds * 1000})@5`, ...(role === 'worker' ? [SLOW_AGENTS] : [])];
  process.nextEnv = () => ({ FAILPOINTS: rules.join(',') });
  await process.kill();
  await process.untilReady().catch(() => undefined);
  process.nextEnv = () => ({});
  await wait(seconds * 1000 + 2_000);
  const recoverySeconds = await untilDecided(system);
  const isReady = await secondsUntil(() => process.isReady());
  const problem = recoverySeconds === null || isReady === null ? 'work stopped' : null;
  log.add({ fault: 'F20', what: `${process.name} blocked for ${seconds} s`, recoverySeconds, problem });
}
