import { join } from 'node:path';

import { ROOT } from '../system/servers';
import type { Role } from '../system/system-options';
import { between, type Lane, shuffled } from './lane';
import { untilDecided, untilRunsEnd, wait } from './recovery';

export const PRELOAD = `--require=${join(ROOT, 'chaos/system/preload.cjs')}`;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** How long a process runs with its wrong clock. */
const LIFE_MS = 6_000;

const KINDS = [
  { what: 'five minutes ahead', env: { CLOCK_SKEW_MS: String(5 * MINUTE_MS) } },
  { what: 'five minutes behind', env: { CLOCK_SKEW_MS: String(-5 * MINUTE_MS) } },
  { what: 'jumps an hour ahead', env: { CLOCK_JUMPS_MS: String(HOUR_MS) } },
  { what: 'jumps an hour back', env: { CLOCK_JUMPS_MS: String(-HOUR_MS) } },
] as const;

/** F19: a process has a wrong clock. Leases, freshness and order must depend only on PostgreSQL's clock. */
export function clockLane(count: number, targets: readonly { readonly role: Role; readonly index: number }[]): Lane {
  return async ({ system, log, random }) => {
    const kinds = shuffled(KINDS, random);
    for (let fault = 0; fault < count; fault += 1) {
      const kind = kinds[fault % kinds.length] ?? KINDS[0];
      const target = targets[fault % targets.length];
      const process = target === undefined ? undefined : system.all(target.role)[target.index];
      if (process === undefined) throw new Error('the process for the wrong clock is not running');
      const usual = process.nextEnv;
      process.nextEnv = () => ({ NODE_OPTIONS: PRELOAD, ...kind.env });
      await process.kill();
      await process.untilReady();
      if ('CLOCK_JUMPS_MS' in kind.env) process.signal('SIGUSR2');
      await wait(LIFE_MS + between(random, 0, 1_000));
      const parts = await Promise.all([untilDecided(system), untilRunsEnd(system)]);
      process.nextEnv = usual;
      await process.kill();
      const recoverySeconds = parts.some((part) => part === null) ? null : Math.max(...(parts as number[]));
      const problem = recoverySeconds === null ? 'work stopped' : null;
      log.add({ fault: 'F19', what: `${process.name}: ${kind.what}`, recoverySeconds, problem });
    }
  };
}
