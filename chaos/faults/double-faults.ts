import type { SupervisedProcess } from '../system/supervised-process';
import type { Role } from '../system/system-options';
import { between, type Lane, shuffled } from './lane';
import { measureLoss } from './kills';
import { untilDecided, untilRunsEnd, wait } from './recovery';

/** The second kill comes within this time of the restart. */
const SECOND_KILL_MS = 5_000;

/** F3: the process is killed, restarts, and is killed again before it has recovered. */
export function doubleKillLane(role: Role, index: number, count: number): Lane {
  return async (context) => {
    const process = context.system.all(role)[index];
    if (process === undefined) throw new Error(`${role} ${index + 1} is not running`);
    for (let fault = 0; fault < count; fault += 1) {
      await wait(between(context.random, 0, 1_000));
      const recoverySeconds = await measureLoss(context, role, process, async () => {
        await process.kill();
        await wait(between(context.random, 0, SECOND_KILL_MS));
        await process.kill();
      });
      const problem = recoverySeconds === null ? 'its work did not resume' : null;
      context.log.add({ fault: 'F3', what: `kill ${process.name} twice`, recoverySeconds, problem });
    }
  };
}

/** F3: two different processes are killed at the same moment. */
export function pairKillLane(count: number): Lane {
  return async (context) => {
    const { system, random, log } = context;
    for (let fault = 0; fault < count; fault += 1) {
      await wait(between(random, 0, 1_500));
      const [first, second] = shuffled(system.processes, random) as [SupervisedProcess, SupervisedProcess];
      const from = performance.now();
      await Promise.all([first.kill(), second.kill()]);
      const parts = await Promise.all([untilDecided(system, from), untilRunsEnd(system, from)]);
      const recoverySeconds = parts.some((part) => part === null) ? null : Math.max(...(parts as number[]));
      const problem = recoverySeconds === null ? 'work did not resume' : null;
      log.add({ fault: 'F3', what: `kill ${first.name} and ${second.name}`, recoverySeconds, problem });
    }
  };
}
