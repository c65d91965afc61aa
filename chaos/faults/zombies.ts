import type { SupervisedProcess } from '../system/supervised-process';
import { stateOf } from '../system/process-state';
import { SLOW_AGENTS } from '../system/environment';
import type { Role } from '../system/system-options';
import { refusedWrites } from '../snapshot/collect-snapshot';
import { between, type Lane, type LaneContext } from './lane';
import { secondsUntil, wait } from './recovery';

/** Longer than lease and session: other processes have taken over the work, and the zombie does not know. */
const SURELY_TAKEN_MS = 20_000;
/** Time for this worker to get an execution with an order. While many processes are killed, other workers get them first. */
const PAUSE_DEADLINE_MS = 90_000;

/** F5: SIGSTOP for the given durations, then SIGCONT. */
export function zombieLane(role: Role, name: string, stopsMs: readonly number[]): Lane {
  return async (context) => {
    const process = context.system.processes.find((candidate) => candidate.name === name);
    if (process === undefined) throw new Error(`${name} is not running`);
    for (const stopMs of stopsMs) {
      if (role === 'worker' && stopMs >= SURELY_TAKEN_MS) await worstMoment(context, process, stopMs);
      else await anyMoment(context, process, stopMs);
    }
  };
}

async function anyMoment({ log, random }: LaneContext, process: SupervisedProcess, stopMs: number): Promise<void> {
  await wait(between(random, 200, 1_500));
  process.signal('SIGSTOP');
  await wait(stopMs);
  process.signal('SIGCONT');
  const recoverySeconds = await secondsUntil(() => process.isReady());
  const problem = recoverySeconds === null ? 'it was not ready again' : null;
  log.add({ fault: 'F5', what: `stop ${process.name} for ${stopMs / 1000} s`, recoverySeconds, problem });
}

/**
 * A worker pauses after it has decided an order but before it has sent it, and resumes when another worker has sent the
 * order: its write must be fenced off (A7).
 */
async function worstMoment(context: LaneContext, process: SupervisedProcess, stopMs: number): Promise<void> {
  const { log, random } = context;
  const point = random() < 0.5 ? 'after-agents' : 'before-order-send';
  process.nextEnv = () => ({ FAILPOINTS: `${point}=pause@${between(random, 1, 4)},${SLOW_AGENTS}` });
  await process.kill();
  const isStopped = (): Promise<boolean> => Promise.resolve(isPaused(process));
  if ((await secondsUntil(isStopped, undefined, PAUSE_DEADLINE_MS)) === null) {
    process.nextEnv = () => ({});
    await process.kill();
    log.add({ fault: 'F5', what: `stop ${process.name} at ${point}`, problem: 'the failpoint was never reached' });
    return;
  }
  process.nextEnv = () => ({});
  const before = refusedWrites(process);
  await wait(stopMs);
  process.signal('SIGCONT');
  const refused = await secondsUntil(() => Promise.resolve(refusedWrites(process) > before), undefined, 15_000);
  log.add({
    fault: 'F5',
    what: `stop ${process.name} at ${point} for ${stopMs / 1000} s`,
    recoverySeconds: refused,
    problem: refused === null ? 'none of its late writes was fenced off' : null,
  });
}

function isPaused({ pid }: SupervisedProcess): boolean {
  return pid !== undefined && stateOf(pid) === 'T';
}
