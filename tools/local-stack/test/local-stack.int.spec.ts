import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { createLocalStack, findFreePort, listRunning, stopRunning, type LocalStack, type StackOptions } from '..';

/** The checkout's download cache, so that a test's stack downloads nothing again. */
const CACHE_DIR = resolve(__dirname, '../../../.local/cache');
const FIRST_PORT = 27_000;

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'stack-')), 'stack');
});
afterEach(async () => {
  await stopRunning(dir, () => undefined);
  rmSync(resolve(dir, '..'), { recursive: true, force: true });
});

function createStack(overrides: Partial<StackOptions> = {}): LocalStack {
  return createLocalStack({
    dir,
    cacheDir: CACHE_DIR,
    components: ['redis', 'postgres'],
    environment: {},
    ports: { redis: [FIRST_PORT], postgres: [FIRST_PORT] },
    ...overrides,
  });
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function redisCommand(url: string, ...command: [string, ...string[]]): Promise<unknown> {
  const client = new Redis(url);
  try {
    return await client.call(...command);
  } finally {
    client.disconnect();
  }
}

describe('local stack', () => {
  it('keeps data and addresses through a crash and a restart of each server', async () => {
    const stack = createStack();
    const { redisUrl = '', databaseUrl = '' } = await stack.start();
    await redisCommand(redisUrl, 'SET', 'kept', 'yes');
    await query(databaseUrl, 'CREATE TABLE kept AS SELECT 1 AS one');

    await stack.component('postgres').kill();
    await expect(query(databaseUrl, 'SELECT 1')).rejects.toThrow();
    await stack.component('postgres').start();
    await stack.component('redis').restart();

    expect(stack.addresses()).toMatchObject({ redisUrl, databaseUrl });
    expect(await query(databaseUrl, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect(await redisCommand(redisUrl, 'GET', 'kept')).toBe('yes');
  }, 60_000);

  it('reuses a server left running and replaces one with other settings', async () => {
    const first = createStack();
    await first.start();
    const pid = first.component('postgres').pid();

    const second = createStack();
    await second.start();
    expect(second.component('postgres').pid()).toBe(pid);

    const third = createStack({ durability: 'fast' });
    const { databaseUrl = '' } = await third.start();
    expect(third.component('postgres').pid()).not.toBe(pid);
    expect(await query(databaseUrl, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
    expect(listRunning(dir).map(({ component }) => component)).toEqual(['redis', 'postgres']);
  }, 60_000);

  it('runs beside another stack on other ports', async () => {
    const stack = createStack({ components: ['redis'] });
    const beside = createStack({ components: ['redis'], dir: `${dir}-beside` });
    const [one, two] = await Promise.all([stack.start(), beside.start()]);
    try {
      expect(one.redisUrl).not.toBe(two.redisUrl);
    } finally {
      await beside.stop();
    }
  }, 60_000);

  it('runs Redis without eviction and with an append-only file', async () => {
    const stack = createStack({ components: ['redis'] });
    const { redisUrl = '' } = await stack.start();
    expect(await redisCommand(redisUrl, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual([
      'maxmemory-policy',
      'noeviction',
    ]);
    expect(await redisCommand(redisUrl, 'CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  }, 60_000);

  it('does not touch servers that the environment names', async () => {
    const port = await findFreePort(FIRST_PORT);
    const given = `redis://127.0.0.1:${port}`;
    const stack = createStack({ components: ['redis'], environment: { REDIS_URL: given } });
    expect(await stack.start()).toMatchObject({ redisUrl: given });
    expect(() => stack.component('redis')).toThrow(/named by the environment/);
    await stack.stop();
  });
});
