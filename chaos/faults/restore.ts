import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { askRedis } from '../system/redis-client';
import { copyFolder } from '../system/copy-folder';
import { stackDirOf } from '../system/servers';
import type { Lane, LaneContext } from './lane';
import { readAnew } from './redelivery';
import { untilDecided, wait } from './recovery';
import { startAgain } from './servers';

/** Age of the restored state. */
const LOST_MS = 60_000;

/** F10: restores PostgreSQL to a minute ago, then follows docs/operations.md: flush the jobs and reread the topic. */
export function restoreLane(count: number): Lane {
  return async (context) => {
    for (let fault = 0; fault < count; fault += 1) await restore(context);
  };
}

async function restore({ system, log }: LaneContext): Promise<void> {
  const postgres = system.servers.stack.component('postgres');
  const data = join(stackDirOf(system.servers.name), 'postgres', 'data');
  const backup = `${data}.backup`;
  rmSync(backup, { recursive: true, force: true });
  await postgres.stop();
  copyFolder(data, backup);
  await startAgain(postgres);
  await wait(LOST_MS);
  await Promise.all([...system.all('worker'), ...system.all('dispatcher')].map((process) => process.retire()));
  await postgres.kill();
  rmSync(data, { recursive: true, force: true });
  renameSync(backup, data);
  await startAgain(postgres);
  await askRedis(system.servers.direct.REDIS_URL, 'FLUSHALL');
  const from = performance.now();
  await readAnew(system);
  for (const process of system.all('worker')) process.launch();
  const recoverySeconds = await untilDecided(system, from);
  const problem = recoverySeconds === null ? 'some records were not decided again' : null;
  log.add({ fault: 'F10', what: 'PostgreSQL restored to a minute ago, topic reread', recoverySeconds, problem });
}
