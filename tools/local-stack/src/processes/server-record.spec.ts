import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerRecipe } from '../types';
import { stopProcess } from './server-process';
import { isAlive, judgeRecord, readRecord, writeRecord, type ServerRecord } from './server-record';

const RECIPE: ServerRecipe = {
  component: 'redis',
  kind: 'embedded',
  label: 'a server',
  fingerprint: 'v1',
  preferredPorts: [1],
  startDeadlineMs: 1_000,
  stopDeadlineMs: 2_000,
  prepare: async () => undefined,
  launch: () => ({ command: 'true', args: [], cwd: '/' }),
  check: async () => undefined,
  address: (ports) => `127.0.0.1:${ports[0]}`,
};

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'record-'));
  file = join(dir, 'redis.pid.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function startSleeper(): Promise<number> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return child.pid ?? 0;
}

describe('server record', () => {
  it('matches its process until that process ends', async () => {
    const pid = await startSleeper();
    writeRecord(file, pid, RECIPE, [4242]);
    const record = readRecord(file) as ServerRecord;
    expect(record).toMatchObject({ pid, ports: [4242], address: '127.0.0.1:4242', stopSignal: 'SIGTERM' });
    expect(isAlive(record)).toBe(true);
    expect(await stopProcess(record, record.stopSignal, record.stopDeadlineMs)).toBe('stopped');
    expect(isAlive(record)).toBe(false);
  });

  it('does not match or signal another process with the same pid', async () => {
    const pid = await startSleeper();
    const own = writeRecord(file, pid, RECIPE, [4242]);
    const stranger = { ...own, startTime: 'another boot/1' };
    expect(isAlive(stranger)).toBe(false);
    await stopProcess(stranger, 'SIGKILL', 100);
    expect(isAlive(own)).toBe(true);
    await stopProcess(own, 'SIGKILL', 2_000);
  });

  it('kills a process that ignores its stop signal', async () => {
    const child = spawn('sh', ['-c', "trap '' TERM; echo ready; while :; do sleep 1; done"], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const record = writeRecord(file, child.pid ?? 0, RECIPE, [1]);
    expect(await stopProcess(record, 'SIGTERM', 100)).toBe('killed');
  });

  it('ignores a damaged or foreign file', () => {
    writeFileSync(file, '{"pid": 1, "start');
    expect(readRecord(file)).toBeUndefined();
    writeFileSync(file, '{"pid": 1}');
    expect(readRecord(file)).toBeUndefined();
    expect(readRecord(join(dir, 'absent.json'))).toBeUndefined();
  });
});

describe('judgeRecord', () => {
  const record = { fingerprint: 'v1' } as ServerRecord;

  it.each([
    ['none', undefined, false, 'v1'],
    ['gone', record, false, 'v1'],
    ['reusable', record, true, 'v1'],
    ['outdated', record, true, 'v2'],
  ] as const)('says %s', (verdict, given, alive, fingerprint) => {
    expect(judgeRecord(given, alive, fingerprint)).toBe(verdict);
  });
});
