import { eventually, testInfra } from '@tripline/testing';
import { Client } from 'pg';

import { createDatabase, type Database } from '../src/connection/database';
import { createDatabaseConfig } from '../src/connection/database-config';
import { DatabaseUnavailableError } from '../src/connection/errors';
import type { DatabaseObserver } from '../src/connection/queryable';
import { type Fixture, openFixture } from '@tripline/store-fixture';

let fixture: Fixture;
let admin: Client;
const errors: string[] = [];
beforeAll(async () => {
  fixture = await openFixture();
  admin = new Client({ connectionString: testInfra().databaseUrl });
  await admin.connect();
});
beforeEach(() => errors.splice(0));
afterAll(async () => {
  await admin.end();
  await fixture.close();
});

const observer: DatabaseObserver = { onError: ({ type }) => errors.push(type) };

async function withDatabase(
  overrides: Parameters<typeof createDatabaseConfig>[1],
  work: (database: Database) => Promise<void>,
  observe: DatabaseObserver = observer,
): Promise<void> {
  const database = createDatabase(createDatabaseConfig(fixture.url, overrides), observe);
  try {
    await work(database);
  } finally {
    await database.stop();
  }
}

const killAll = async (name: string) =>
  admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]);

describe('a transaction', () => {
  it('is repeated as a whole when its connection is killed', async () => {
    await withDatabase({ applicationName: 'killed-in-transaction' }, async (database) => {
      let attempts = 0;
      const answer = await database.withTransaction(async (transaction) => {
        attempts += 1;
        await transaction.query({ text: 'SELECT 1' });
        if (attempts < 3) await killAll('killed-in-transaction');
        const rows = await transaction.query<{ n: number }>({ text: 'SELECT 42 AS n' });
        return rows[0]?.n;
      });
      expect([answer, attempts]).toEqual([42, 3]);
      expect(errors.filter((type) => type === 'shutdown' || type === 'connection').length).toBeGreaterThanOrEqual(2);
    });
  });

  it('rolls back and throws on a permanent error', async () => {
    await withDatabase({}, async (database) => {
      let attempts = 0;
      const work = database.withTransaction(async (transaction) => {
        attempts += 1;
        await transaction.query({ text: "INSERT INTO users (email, password_hash) VALUES ('rolled@back.test', 'x')" });
        await transaction.query({ text: 'SELECT 1 / 0' });
      });
      await expect(work).rejects.toMatchObject({ code: '22012' });
      expect(attempts).toBe(1);
      expect(await database.query({ text: "SELECT 1 FROM users WHERE email = 'rolled@back.test'" })).toEqual([]);
    });
  });

  it('survives a deadlock by repeating the victim', async () => {
    await withDatabase({}, async (database) => {
      const [a, b] = [(await fixture.addTrader()).userId, (await fixture.addTrader()).userId];
      let met = 0;
      const lockBoth = async (first: string, second: string) =>
        database.withTransaction(async (transaction) => {
          const lock = { text: 'UPDATE users SET updated_at = now() WHERE id = $1' };
          await transaction.query(lock, [first]);
          met += 1;
          if (met <= 2) await eventually(() => met >= 2);
          await transaction.query(lock, [second]);
        });
      await Promise.all([lockBoth(a, b), lockBoth(b, a)]);
      expect(errors).toContain('deadlock');
    });
  });
});

describe('an unreachable database', () => {
  it('is reported as unavailable at the deadline', async () => {
    const config = createDatabaseConfig('postgresql://nobody:secret-word@127.0.0.1:1/none');
    const database = createDatabase(config, observer);
    const failure = await database
      .retry(async () => database.ping(), { deadlineMs: 300 })
      .catch((error: unknown) => error);
    await database.stop();
    expect(failure).toBeInstanceOf(DatabaseUnavailableError);
    expect(JSON.stringify(failure) + String(failure)).not.toContain('secret-word');
    expect(new Set(errors)).toEqual(new Set(['connection']));
  });

  it('never waits longer for a connection or a statement than configured', async () => {
    await withDatabase(
      { poolSize: 1, connectTimeoutMs: 200, statementTimeoutMs: 100, queryTimeoutMs: 400 },
      async (database) => {
        const slow = database.query({ text: 'SELECT pg_sleep(5)' }).catch((error: unknown) => error);
        expect(await slow).toMatchObject({ code: '57014' });
        const holder = database.withTransaction(async () =>
          eventually(() => database.poolCounts().waiting === 0 && acquired),
        );
        let acquired = false;
        const refused = await database.ping().catch((error: unknown) => error);
        acquired = true;
        await holder;
        expect(refused).toMatchObject({ message: 'timeout exceeded when trying to connect' });
      },
    );
  });
});

describe('the pool', () => {
  it('reports the caller in the stack of a failed statement', async () => {
    await withDatabase({}, async (database) => {
      const error = await database.query({ text: 'SELECT none FROM nowhere' }).catch((reason: unknown) => reason);
      expect((error as Error).stack).toContain('relation "nowhere" does not exist');
      expect((error as Error).stack).toContain('database.int.spec.ts');
    });
  });

  it.each(['auto', 'force_generic_plan'] as const)(
    'plans prepared statements as configured (%s)',
    async (planCacheMode) => {
      await withDatabase({ planCacheMode }, async (database) => {
        const [row] = await database.query<{ plan_cache_mode: string }>({ text: 'SHOW plan_cache_mode' });
        expect(row?.plan_cache_mode).toBe(planCacheMode);
      });
    },
  );

  it.each([
    ['default', 'on'],
    ['lookups', 'off'],
  ] as const)(
    'sets the planner options with planner %s only where configured (enable_seqscan is %s)',
    async (planner, is) => {
      await withDatabase({ planner }, async (database) => {
        for (const option of ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) {
          const [row] = await database.query<Record<string, string>>({ text: `SHOW ${option}` });
          expect(row).toEqual({ [option]: is });
        }
      });
      await withDatabase({}, async (database) => {
        expect(await database.query({ text: 'SHOW enable_seqscan' })).toEqual([{ enable_seqscan: 'on' }]);
      });
    },
  );

  it('does not hand out a connection that still executes an abandoned statement', async () => {
    await withDatabase({ poolSize: 1, queryTimeoutMs: 200, statementTimeoutMs: 60_000 }, async (database) => {
      const timedOut = await database.query({ text: 'SELECT pg_sleep(30)' }).catch((error: unknown) => error);
      expect(timedOut).toMatchObject({ name: 'DriverError', type: 'timeout' });
      await database.ping();
    });
  });

  it('serves Prisma from the same connections and survives losing idle ones', async () => {
    await withDatabase({ applicationName: 'shared-pool', poolSize: 2 }, async (database) => {
      await Promise.all(Array.from({ length: 20 }, async () => database.prisma.user.count()));
      const { rows } = await admin.query<{ n: string }>(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'shared-pool'",
      );
      expect(Number(rows[0]?.n)).toBe(2);
      expect(database.poolCounts()).toMatchObject({ total: 2, max: 2 });
      await killAll('shared-pool');
      await eventually(async () => expect(await database.prisma.user.count()).toBeGreaterThan(0));
    });
  });

  it('reports statements, transactions and waits for a connection', async () => {
    const events: unknown[] = [];
    const observe: DatabaseObserver = {
      onQuery: ({ type, status }) => events.push([type, status]),
      onTransaction: ({ attempts }) => events.push(['committed', attempts]),
      onAcquire: ({ timedOut }) => events.push(['acquired', timedOut]),
    };
    await withDatabase(
      {},
      async (database) => {
        await database.withTransaction(async (transaction) => transaction.query({ text: 'SELECT 1' }));
        await database.query({ text: 'SELEC' }).catch(() => undefined);
        await database.prisma.user.count();
      },
      observe,
    );
    expect(events).toEqual([
      ['acquired', false],
      ['transaction', 'success'],
      ['select', 'success'],
      ['transaction', 'success'],
      ['committed', 1],
      ['acquired', false],
      ['other', 'error'],
      ['select', 'success'],
    ]);
  });

  it('can be stopped twice', async () => {
    const database = createDatabase(createDatabaseConfig(fixture.url));
    await database.start();
    await Promise.all([database.stop(), database.stop()]);
    await database.stop();
  });
});
