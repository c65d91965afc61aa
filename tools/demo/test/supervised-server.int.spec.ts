import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { eventually } from '@tripline/testing';
import { Client } from 'pg';

import { createLocalStack, stopRunning } from '../../local-stack';
import { DEMO_RESTART_POLICY } from '../../supervision/restart-policy';
import { supervise } from '../../supervision/supervise';
import { supervisedServer } from '../supervised-server';

/** The checkout's download cache, so that a test's stack downloads nothing again. */
const CACHE_DIR = resolve(__dirname, '../../../.local/cache');
const PORTS = { redis: [27_400], postgres: [27_500] };

const dir = join(mkdtempSync(join(tmpdir(), 'supervised-')), 'stack');
afterAll(async () => {
  await stopRunning(dir, () => undefined);
  rmSync(resolve(dir, '..'), { recursive: true, force: true });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('supervisedServer', () => {
  it('restarts a killed server at the same address with its data, and does not restart a stopped one', async () => {
    const stack = createLocalStack({
      ...{ dir, cacheDir: CACHE_DIR, environment: {}, ports: PORTS },
      components: ['redis', 'postgres'],
    });
    const addresses = await stack.start();
    const databaseUrl = addresses.databaseUrl ?? '';
    await query(databaseUrl, 'CREATE TABLE kept AS SELECT 1 AS one');
    const lines: string[] = [];
    const supervision = supervise(stack.running().map(supervisedServer), {
      policy: DEMO_RESTART_POLICY,
      report: (line) => lines.push(line),
    });

    const killed = stack.running().map((server) => server.pid() ?? 0);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await eventually(() => lines.filter((line) => line.includes('ready again')).length === 2, { timeoutMs: 30_000 });
    await supervision.stop();
    await stack.component('redis').stop();

    expect(supervision.restarts()).toEqual({ redis: 1, postgres: 1 });
    expect(supervision.crashes.map(({ pid }) => pid).sort()).toEqual([...killed].sort());
    expect(stack.component('postgres').address()).toBe(databaseUrl);
    expect(await query(databaseUrl, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect(stack.component('redis').pid()).toBeUndefined();
  }, 60_000);
});
