import { untilDecided } from './recovery';
import type { Lane } from './lane';

const EXIT_DEADLINE_S = 25;

/** F4: every process in turn is asked to stop under load and comes back before the next is asked. */
export function rollingRestartLane(rounds: number): Lane {
  return async ({ system, log }) => {
    for (let round = 0; round < rounds; round += 1) {
      const problems: string[] = [];
      let longest = 0;
      for (const process of system.processes) {
        // What the fault before has killed may be starting still, and so early a process just ends by the signal.
        await process.untilReady();
        const { end, seconds } = await process.terminate();
        longest = Math.max(longest, seconds);
        if (end?.code !== 0) problems.push(`${process.name} ended with ${end?.signal ?? end?.code}`);
        if (seconds > EXIT_DEADLINE_S) problems.push(`${process.name} took ${seconds.toFixed(1)} s to end`);
        await process.untilReady();
      }
      if ((await untilDecided(system)) === null) problems.push('decisions did not go on');
      const problem = problems.length === 0 ? null : problems.join('; ');
      log.add({ fault: 'F4', what: 'rolling restart; longest exit', recoverySeconds: longest, problem });
    }
  };
}
