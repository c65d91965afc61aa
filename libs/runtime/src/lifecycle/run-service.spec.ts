import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Logger } from '@tripline/telemetry';
import { build } from 'esbuild';

import { runService } from './run-service';

const ROOT = resolve(__dirname, '../../../..');
let directory: string;
let bundle: string;

beforeAll(async () => {
  // Inside the repository, so that the bundle finds node_modules.
  mkdirSync(join(ROOT, '.local'), { recursive: true });
  directory = mkdtempSync(join(ROOT, '.local', 'run-service-'));
  bundle = join(directory, 'main.js');
  await build({
    entryPoints: [join(ROOT, 'libs/runtime/test/fixtures/sample-service.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    alias: { '@tripline/telemetry': join(ROOT, 'libs/telemetry/src/index.ts') },
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  readonly exitCode: Promise<number | null>;
  readonly output: () => string;
  logged(event: string): Promise<void>;
}

function start(mode: string): Run {
  const child = spawn(process.execPath, [bundle, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    child,
    output: () => text,
    exitCode: new Promise((done) => child.once('close', (code) => done(code))),
    logged: (event) =>
      new Promise((done, fail) => {
        const look = () => text.includes(`"event":"${event}"`) && done();
        child.stdout?.on('data', look);
        child.once('close', () => fail(new Error(`ended before ${event}: ${text}`)));
        look();
      }),
  };
}

describe('runService', () => {
  it('exits even when the last step never ends', async () => {
    const logged: unknown[] = [];
    const note = (fields: { event: string }) => void logged.push(fields.event);
    const logger = { info: note, warn: note, error: note, fatal: note } as unknown as Logger;
    let exitCode: number | undefined;
    jest.useFakeTimers();
    const service = await runService({
      name: 'sample',
      lifecycle: { start: () => Promise.resolve(), stop: () => Promise.resolve({ failed: [] }) },
      logger,
      onStopped: () => new Promise<void>(() => undefined),
      process: { on: () => undefined, exit: (code) => (exitCode = code) },
    });
    void service.shutdown('SIGTERM');
    await jest.advanceTimersByTimeAsync(2_000);
    jest.useRealTimers();
    expect(exitCode).toBe(0);
    expect(logged).toEqual(['service_started', 'service_stopping', 'service_flush_failed', 'service_stopped']);
  });
});

describe('a service run as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('finishes its work and exits with 0 on %s', async (signal) => {
    const run = start('work');
    await run.logged('service_started');
    run.child.kill(signal);
    expect(await run.exitCode).toBe(0);
    expect(run.output()).toMatch(/work_finished[^]*service_stopped/);
  });

  it('exits with 1 when a component does not stop within the deadline', async () => {
    const run = start('hang');
    await run.logged('service_started');
    run.child.kill('SIGTERM');
    expect(await run.exitCode).toBe(1);
    expect(run.output()).toContain('component_stop_failed');
  });

  it('logs an unhandled rejection, stops its components and exits with 1', async () => {
    const run = start('crash');
    expect(await run.exitCode).toBe(1);
    expect(run.output()).toMatch(/nobody handles this[^]*work_finished[^]*"exit_code":1/);
  });
});
