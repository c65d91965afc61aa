import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { copyFolder } from '../system/copy-folder';
import { stackDirOf } from '../system/servers';
import type { Lane, LaneContext } from './lane';
import { startAgain, untilWorkGoesOn } from './servers';
import { wait } from './recovery';

type ServerName = 'kafka' | 'redis' | 'postgres';

/** Free space beyond what the server has stored so far. */
const FREE_MIB = 400;
const FULL_MS = 10_000;
const FILL_BYTES = 16 * 1024 * 1024;

/** F18: the disk of each server in turn is full for ten seconds. Needs root, to mount a small disk for each server. */
export function fullDiskLane(count: number): Lane {
  return async (context) => {
    const servers: ServerName[] = ['redis', 'kafka', 'postgres'];
    for (let fault = 0; fault < count; fault += 1) await fill(context, servers[fault % servers.length] as ServerName);
  };
}

async function fill({ system, log }: LaneContext, name: ServerName): Promise<void> {
  const server = system.servers.stack.component(name);
  const dir = join(stackDirOf(system.servers.name), name);
  await server.stop();
  const unmount = moveToOwnDisk(dir);
  if (unmount === null) {
    await startAgain(server);
    log.add({ fault: 'F18', what: `${name}: mounting a separate disk failed (not root?)`, problem: null });
    return;
  }
  try {
    await startAgain(server);
    await untilWorkGoesOn(system, name);
    const filler = join(dir, 'filler');
    fillUp(filler);
    await wait(FULL_MS);
    rmSync(filler, { force: true });
    // Restart a server that gave up, as an orchestrator would.
    if (server.pid() === undefined) await startAgain(server);
    const recoverySeconds = await untilWorkGoesOn(system, name);
    const problem = recoverySeconds === null ? 'work did not resume' : null;
    log.add({ fault: 'F18', what: `disk of ${name} full for 10 s`, recoverySeconds, problem });
  } finally {
    await server.stop();
    unmount();
    await startAgain(server);
  }
}

/** Mounts a small memory disk over the folder and copies the contents. The returned function undoes this. */
function moveToOwnDisk(dir: string): (() => void) | null {
  const aside = `${dir}.aside`;
  mkdirSync(aside, { recursive: true });
  const disk = `size=${storedMib(dir) + FREE_MIB}m`;
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', disk, 'tmpfs', aside]).status === 0;
  if (!isMounted) return null;
  copyFolder(dir, aside);
  spawnSync('mount', ['--bind', aside, dir]);
  return () => {
    const back = `${dir}.back`;
    mkdirSync(back, { recursive: true });
    copyFolder(dir, back);
    spawnSync('umount', [dir]);
    spawnSync('umount', [aside]);
    rmSync(dir, { recursive: true, force: true });
    copyFolder(back, dir);
    for (const old of [back, aside]) rmSync(old, { recursive: true, force: true });
  };
}

function storedMib(dir: string): number {
  return parseInt(spawnSync('du', ['-sm', dir], { encoding: 'utf8' }).stdout, 10);
}

function fillUp(file: string): void {
  const block = Buffer.alloc(FILL_BYTES);
  for (let size = FILL_BYTES; size >= 4_096; size /= 2) {
    for (;;) {
      try {
        writeFileSync(file, block.subarray(0, size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}
