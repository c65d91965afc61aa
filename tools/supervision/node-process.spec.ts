import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeEnd, NodeProcess } from './node-process';

const dir = mkdtempSync(join(tmpdir(), 'node-process-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const RUNS_ON = 'setInterval(() => {}, 1000)';

function create(script: string, log: 'append' | 'truncate' = 'truncate'): NodeProcess {
  const logFile = join(dir, 'out.log');
  return new NodeProcess({ name: 'script', args: ['-e', script], env: () => ({}), logFile, log, metricsPort: null });
}

describe('NodeProcess', () => {
  it('distinguishes an outside kill from a requested one', async () => {
    const script = create(RUNS_ON);
    script.launch();
    process.kill(script.pid() ?? 0, 'SIGKILL');
    expect(await script.ended).toEqual({ code: null, signal: 'SIGKILL', isRequested: false });
    script.launch();
    script.signal('SIGKILL');
    expect(await script.ended).toEqual({ code: null, signal: 'SIGKILL', isRequested: true });
  });

  it('counts an end after stop() as requested and an earlier end as a crash', async () => {
    const script = create(RUNS_ON);
    script.launch();
    expect(await script.stop(5_000)).toMatchObject({ isRequested: true });
    const crashing = create('process.exit(3)');
    crashing.launch();
    await crashing.ended;
    expect(await crashing.stop(5_000)).toEqual({ code: 3, signal: null, isRequested: false });
  });

  it('returns the last error of the current launch only, and keeps earlier log lines', async () => {
    const script = create('throw new TypeError("no good")');
    script.launch();
    const end = await script.ended;
    expect(describeEnd(end)).toBe('exit code 1');
    expect(script.lastError()).toBe('TypeError: no good');
    const quiet = create('process.exit(1)', 'append');
    quiet.launch();
    await quiet.ended;
    expect(quiet.lastError()).toBeUndefined();
    expect(readFileSync(script.logFile, 'utf8')).toContain('no good');
  });
});
