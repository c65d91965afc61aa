import { between, type Lane } from './lane';
import { untilDecided, wait } from './recovery';

/** Time after the last join within which the backlog must be processed. */
const DRAIN_S = 60;

/** F14: every two to five seconds a member joins and leaves the group, alternately by SIGTERM and SIGKILL. */
export function rebalanceStormLane(seconds: number): Lane {
  return async ({ system, log, random }) => {
    const member = await system.add('dispatcher', 'storm-dispatcher');
    const until = performance.now() + seconds * 1000;
    let joins = 0;
    while (performance.now() < until) {
      member.launch();
      joins += 1;
      await wait(between(random, 2_000, 5_000));
      if (random() < 0.5) member.signal('SIGKILL');
      await member.retire();
      await wait(between(random, 0, 1_000));
    }
    const recoverySeconds = await untilDecided(system);
    const isSlow = recoverySeconds === null || recoverySeconds > DRAIN_S;
    const problem = isSlow ? `the backlog was not processed after ${DRAIN_S} s` : null;
    log.add({ fault: 'F14', what: `${joins} joins and leaves in ${seconds} s`, recoverySeconds, problem });
  };
}
