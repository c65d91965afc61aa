import { untilDecided } from './recovery';
import type { Lane } from './lane';

const EXIT_DEADLINE_S = 25;

/** F4: under load, each process is stopped in turn and must be back before the next one stops. */
export function rollingRestartLane(rounds: number): Lane {
  return async ({ system, log }) => {
    for (let round = 0; round < rounds; round += 1) {
      const problems: string[] = [];
      let longest = 0;
      for (const process of system.processes) {
        // A process killed by the previous fault may still be starting, and SIGTERM ends it at once during start-up.
        await process.untilReady();
        const { end, seconds } = await process.terminate();
        longest = Math.max(longest, seconds);
        if (end?.code !== 0) problems.push(`${process.name} ended with ${end?.signal ?? end?.code}`);
        if (seconds > EXIT_DEADLINE_S) problems.push(`${process.name} took ${seconds.toFixed(1)} s to stop`);
        await process.untilReady();
      }
      if ((await untilDecided(system)) === null) problems.push('decisions did not resume');
      const problem = problems.length === 0 ? null : problems.join('; ');
      log.add({ fault: 'F4', what: 'rolling restart; longest exit', recoverySeconds: longest, problem });
    }
  };
}
