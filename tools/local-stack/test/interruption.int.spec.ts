import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '@tripline/testing';
import { listRunning, stopRunning } from '..';

const ROOT = resolve(__dirname, '../../..');
const HARNESS = join(__dirname, 'interrupted.process.ts');

let dir: string;
let harness: ChildProcess | undefined;
let output = '';
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'interrupted-')), 'stack');
  output = '';
});
afterEach(async () => {
  harness?.kill('SIGKILL');
  await stopRunning(dir, () => undefined);
  rmSync(resolve(dir, '..'), { recursive: true, force: true });
});

function startHarness(mode: 'orderly' | 'stuck'): ChildProcess {
  harness = spawn(process.execPath, ['-r', '@swc-node/register', HARNESS, dir, mode], {
    cwd: ROOT,
    env: { ...process.env, SWC_NODE_PROJECT: join(ROOT, 'tsconfig.json') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  harness.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return harness;
}

const printed = (line: string): Promise<void> =>
  eventually(() => expect(output.split('\n')).toContain(line), { timeoutMs: 30_000 });

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('an interrupted command', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves no server and no child after %s, sent three times',
    async (signal) => {
      const command = startHarness('orderly');
      await printed('started');
      const child = Number(/^child (\d+)$/m.exec(output)?.[1]);
      expect([listRunning(dir).length, isAlive(child)]).toEqual([1, true]);
      const ended = once(command, 'exit');
      for (let time = 0; time < 3; time += 1) command.kill(signal);
      expect(await ended).toEqual([130, null]);
      expect(listRunning(dir)).toEqual([]);
      await eventually(() => expect(isAlive(child)).toBe(false));
    },
  );

  it('leaves no server when the signal comes while the servers start', async () => {
    const command = startHarness('orderly');
    await printed('starting');
    const ended = once(command, 'exit');
    command.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    expect(listRunning(dir)).toEqual([]);
  });

  it('leaves no server when the reader of its output ends', async () => {
    const command = startHarness('orderly');
    await printed('started');
    const ended = once(command, 'exit');
    command.stdout?.destroy();
    expect(await ended).toEqual([130, null]);
    expect(listRunning(dir)).toEqual([]);
  });

  it('kills its servers at a second interruption when the stop hangs', async () => {
    const command = startHarness('stuck');
    await printed('started');
    const ended = once(command, 'exit');
    command.kill('SIGTERM');
    await printed('stopping');
    // Within two seconds a signal counts as the same interruption.
    const again = setInterval(() => command.kill('SIGTERM'), 250);
    expect(await ended).toEqual([130, null]);
    clearInterval(again);
    await eventually(() => expect(listRunning(dir)).toEqual([]));
  });
});
