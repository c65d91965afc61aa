import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireFileLock } from './file-lock.cjs';
import { identify } from './process-identity.cjs';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(dir, 'a.lock');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('acquireFileLock', () => {
  it('grants the lock to one holder at a time', async () => {
    const unlock = await acquireFileLock(file);
    expect(unlock).toBeDefined();
    expect(await acquireFileLock(file)).toBeUndefined();
    unlock?.();
    expect(await acquireFileLock(file)).toBeDefined();
  });

  it('reports the owner to a waiter and grants the lock once it is released', async () => {
    const unlock = await acquireFileLock(file);
    let holder: number | undefined;
    const waiting = acquireFileLock(file, { waitMs: 5_000, onWait: (owner) => (holder = owner?.pid) });
    unlock?.();
    expect(await waiting).toBeDefined();
    expect(holder).toBe(process.pid);
  });

  it('takes over the lock of a killed owner', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    writeFileSync(file, JSON.stringify(identify(child.pid ?? 0)));
    expect(await acquireFileLock(file)).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await acquireFileLock(file)).toBeDefined();
  });

  it('takes over a lock file that a crash left partly written', async () => {
    writeFileSync(file, '{"pid": 12');
    const unlock = await acquireFileLock(file);
    unlock?.();
    expect(existsSync(file)).toBe(false);
  });
});
