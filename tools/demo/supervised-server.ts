import { setTimeout as delay } from 'node:timers/promises';

import type { StackComponent } from '../local-stack';
import { type Supervised, UnrecoverableError } from '../supervision/supervise';

const LOOK_EVERY_MS = 250;

/**
 * Makes a server of the local stack supervisable. An earlier command may have started it, so we cannot read its exit
 * code: the server has died when its process is gone. Stop supervision before stopping the server.
 */
export function supervisedServer(server: StackComponent): Supervised {
  const address = server.address();
  let lastPid = server.pid();
  return {
    name: server.name,
    logFile: server.logFile,
    pid: () => lastPid,
    async untilCrash(signal) {
      while (server.pid() !== undefined) await delay(LOOK_EVERY_MS, undefined, { signal });
      return 'its process is gone';
    },
    async restart() {
      await server.start();
      lastPid = server.pid();
      if (server.address() === address) return;
      throw new UnrecoverableError('it restarted at a different address, which the services do not know');
    },
  };
}
