import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually, testInfra, uniqueName } from '@tripline/testing';

import { createDatabase, createDatabaseConfig, type Database } from '@tripline/database';
import {
  createSchemaGate,
  dropDatabase,
  findMigrationsDir,
  KNOWN_MIGRATIONS,
  migrate,
  withDatabase,
} from '@tripline/migrations';

const HALF = 5;
const MISSING = KNOWN_MIGRATIONS.slice(HALF);

describe('the schema gate', () => {
  let folder: string;
  let url: string;
  let database: Database;
  const waits: (readonly string[])[] = [];
  const createGate = (required?: readonly string[]) =>
    createSchemaGate({
      database,
      pollMs: 20,
      onWaiting: (missing) => waits.push(missing),
      ...(required && { required }),
    });

  beforeEach(async () => {
    waits.splice(0);
    folder = join(mkdtempSync(join(tmpdir(), 'tripline-gate-')), 'migrations');
    cpSync(findMigrationsDir(), folder, { recursive: true });
    for (const name of MISSING) rmSync(join(folder, name), { recursive: true });
    url = withDatabase(testInfra().databaseUrl, uniqueName('gate').replaceAll('-', '_'));
    await migrate(url, { migrationsDir: folder });
    database = createDatabase(createDatabaseConfig(url));
    await database.start();
  });
  afterEach(async () => {
    await database.stop();
    await dropDatabase(testInfra().databaseUrl, new URL(url).pathname.slice(1));
    rmSync(join(folder, '..'), { recursive: true });
  });

  it('is not ready on a database with half of the migrations, and names the missing ones', async () => {
    const { ok, detail } = await createGate().check();
    expect(ok).toBe(false);
    for (const name of MISSING) expect(detail).toContain(name);
    expect(detail).not.toContain(KNOWN_MIGRATIONS[HALF - 1]);
  });

  it('delays the start until the migration has finished', async () => {
    const gate = createGate();
    let hasStarted = false;
    const starting = gate.start().then(() => (hasStarted = true));
    await eventually(() => expect(waits).toEqual([MISSING]));
    expect(hasStarted).toBe(false);
    await migrate(url);
    await starting;
    expect(await gate.check()).toEqual({ ok: true, detail: `${KNOWN_MIGRATIONS.length} migrations finished` });
  });

  it('aborts a waiting start when it is stopped', async () => {
    const gate = createGate();
    const starting = gate.start();
    await eventually(() => expect(waits).toHaveLength(1));
    await gate.stop();
    await starting;
  });

  it('is ready on a database with newer migrations', async () => {
    await migrate(url);
    const older = createGate(KNOWN_MIGRATIONS.slice(0, HALF));
    await older.start();
    expect(await older.check()).toMatchObject({ ok: true });
  });

  it('treats an unfinished migration as missing', async () => {
    await migrate(url);
    const last = KNOWN_MIGRATIONS.at(-1);
    await database.execute({ text: 'UPDATE "_prisma_migrations" SET finished_at = NULL WHERE migration_name = $1' }, [
      last,
    ]);
    expect(await createGate().check()).toMatchObject({ ok: false, detail: expect.stringContaining(String(last)) });
  });

  it('reports every migration as missing on an empty database', async () => {
    await database.execute({ text: 'DROP TABLE "_prisma_migrations"' });
    const gate = createGate();
    expect(await gate.check()).toMatchObject({ ok: false });
    void gate.start();
    await eventually(() => expect(waits).toEqual([KNOWN_MIGRATIONS]));
    await gate.stop();
  });
});
