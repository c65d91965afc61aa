import { setTimeout as delay } from 'node:timers/promises';

import type { StackComponent } from '../local-stack';
import { type Supervised, UnrecoverableError } from '../supervision/supervise';

const LOOK_EVERY_MS = 250;

/**
 * A server of the local stack as something to supervise. It may have been started by an earlier run, so its exit code is
 * not ours to read: it has died when its process is gone. Stop supervision before stopping the server.
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
      throw new UnrecoverableError('it came back at another address than the one that the services know');
    },
  };
}
