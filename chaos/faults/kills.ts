import type { Role } from '../system/system-options';
import type { SupervisedProcess } from '../system/supervised-process';
import { between, type Lane, type LaneContext } from './lane';
import type { FaultId } from './matrix';
import { runsOf, untilAcked, untilDecided, untilGoOn, wait } from './recovery';

/** Longest wait before a kill, chosen so that a kill can hit any moment of the work. */
const MOST_IDLE_MS = 1_500;
/** Time after a restart until the process has its share of the work again. */
const SETTLED_MS = 2_000;

/** Measures recovery after a process is lost, until any process has resumed its work. */
export async function measureLoss(
  context: LaneContext,
  role: Role,
  process: SupervisedProcess,
  lose: () => Promise<void>,
): Promise<number | null> {
  const { system } = context;
  if (role === 'worker') {
    const held = await runsOf(system, process.name);
    const from = performance.now();
    await lose();
    return untilGoOn(system, held, from);
  }
  const from = performance.now();
  await lose();
  if (role === 'dispatcher') return untilDecided(system, from);
  if (role === 'load') return untilAcked(system, from);
  await process.untilReady();
  return (performance.now() - from) / 1000;
}

/** Longest allowed recovery at default settings, s. */
const DEFAULT_LIMIT_S = { worker: 15, dispatcher: 10 } as const;

/** F0: kills at default settings in a quiet system, with a limit on the recovery time. */
export function measuredKillLane(role: 'worker' | 'dispatcher', count: number): Lane {
  return async (context) => {
    const process = context.system.all(role)[0];
    if (process === undefined) throw new Error(`no ${role} is running`);
    for (let kill = 0; kill < count; kill += 1) {
      await process.untilReady();
      await wait(SETTLED_MS + between(context.random, 0, MOST_IDLE_MS));
      const recoverySeconds = await measureLoss(context, role, process, () => process.kill());
      const isSlow = recoverySeconds === null || recoverySeconds > DEFAULT_LIMIT_S[role];
      const problem = isSlow ? `took longer than ${DEFAULT_LIMIT_S[role]} s` : null;
      context.log.add({ fault: 'F0', what: `${role} killed, default settings`, recoverySeconds, problem });
    }
  };
}

/** F1: kill -9 at random moments. Waits for recovery between kills, so that each one hits a working process. */
export function killLane(role: Role, index: number, count: number, fault: FaultId = 'F1'): Lane {
  return async (context) => {
    const process = context.system.all(role)[index];
    if (process === undefined) throw new Error(`${role} ${index + 1} is not running`);
    for (let kill = 0; kill < count; kill += 1) {
      await process.untilReady().catch(() => undefined);
      await wait(between(context.random, 0, MOST_IDLE_MS));
      const recoverySeconds = await measureLoss(context, role, process, () => process.kill());
      context.log.add({
        fault,
        what: `kill ${process.name}`,
        recoverySeconds,
        problem: recoverySeconds === null ? 'its work did not resume' : null,
      });
    }
  };
}
