import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '@tripline/testing';

import { ROOT } from './support/e2e-stack';
import { createSystem, type TestSystem } from './support/system';

jest.setTimeout(90_000);

let system: TestSystem;
let serving: ChildProcess | undefined;

beforeAll(async () => {
  system = await createSystem({ name: 'serve' });
});
afterAll(async () => {
  await system?.dispose();
});

describe('npx nx serve worker', () => {
  it('builds the worker and runs it until it is ready, against the servers named in the environment', async () => {
    const { servers, databaseUrl, names, ports } = system;
    mkdirSync(names.logDir, { recursive: true });
    const log = createWriteStream(join(names.logDir, 'serve.log'));
    const { NODE_ENV: _env, JEST_WORKER_ID: _worker, ...inherited } = process.env;
    serving = spawn(join(ROOT, 'node_modules/.bin/nx'), ['serve', 'worker', '--output-style=static'], {
      cwd: ROOT,
      // Its own process group, because nx starts processes that start further processes.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...inherited,
        ...servers,
        NX_DAEMON: 'false',
        NX_TUI: 'false',
        DATABASE_URL: databaseUrl,
        REDIS_PREFIX: names.redisPrefix,
        METRICS_PORT: String(ports.metrics.worker),
      },
    });
    serving.stdout?.pipe(log);
    serving.stderr?.pipe(log);
    const { worker } = system.apps;
    await eventually(() => worker.isReady(), {
      timeoutMs: 60_000,
      description: `a ready worker (${log.path})`,
    });
    const answer = await fetch(`http://127.0.0.1:${ports.metrics.worker}/metrics`);
    expect(await answer.text()).toContain('worker_tasks_total');
  });

  it('ends all its processes on Ctrl-C', async () => {
    const group = -(serving?.pid ?? 0);
    process.kill(group, 'SIGINT');
    const isGone = (): boolean => {
      try {
        process.kill(group, 0);
        return false;
      } catch {
        return true;
      }
    };
    try {
      await eventually(isGone, { timeoutMs: 15_000, description: 'an end of the process group' });
      await eventually(async () => !(await system.apps.worker.isReady()), { timeoutMs: 5_000 });
    } finally {
      if (!isGone()) process.kill(group, 'SIGKILL');
    }
  });
});
