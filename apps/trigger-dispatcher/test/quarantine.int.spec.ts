import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { createDatabase, createDatabaseConfig } from '@tripline/database';
import { createTestDatabase, type TestDatabase } from '@tripline/migrations';
import { testInfra } from '@tripline/testing';
import { buildSync } from 'esbuild';

const ROOT = resolve(__dirname, '../../..');

/** Five Node processes, one after the other. */
jest.setTimeout(120_000);

let testDatabase: TestDatabase;
let script: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase(testInfra().databaseUrl);
  script = join(mkdtempSync(join(tmpdir(), 'guarded-process-')), 'guarded-process.js');
  buildSync({
    entryPoints: [join(__dirname, 'fixtures/guarded-process.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    packages: 'external',
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    nodePaths: [join(ROOT, 'node_modules')],
  });
});
afterAll(() => testDatabase.drop());

function startProcess(): { status: number | null; output: string } {
  const env = { ...process.env, DATABASE_URL: testDatabase.url, NODE_PATH: join(ROOT, 'node_modules') };
  const { status, stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8', env });
  return { status, output: stdout };
}

describe('a record that crashes every process', () => {
  it('is quarantined after two crashes in its chunk and two on its own, and the others are decided', async () => {
    const processes = [];
    while (processes.at(-1)?.status !== 0 && processes.length < 8) processes.push(startProcess());
    expect(processes.map(({ status }) => status)).toEqual([137, 137, 137, 137, 0]);
    expect(processes.at(-1)?.output).toBe('quarantined 2\n');

    const database = createDatabase(createDatabaseConfig(testDatabase.url, { poolSize: 1 }));
    const dead = await database.query<{ off: string; reason: string }>({
      text: 'SELECT off::text AS off, reason FROM dead_signals ORDER BY off',
    });
    expect(dead).toEqual(
      ['0', '1', '2', '3', '4'].map((off) => ({ off, reason: off === '2' ? 'process_killer' : 'not_json' })),
    );
    expect(await database.query({ text: 'SELECT * FROM chunk_guards' })).toEqual([]);
    await database.stop();
  });
});
