import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

jest.setTimeout(60_000);

const ROOT = resolve(__dirname, '../..');
/** Addresses where nothing listens: a broken file must end the process before it connects anywhere. */
const ADDRESSES = {
  KAFKA_BROKERS: '127.0.0.1:1',
  REDIS_URL: 'redis://127.0.0.1:1',
  DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/none',
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tripline-broken-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function run(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: dir, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.base.json'), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, lines: output.trim().split('\n') };
}

describe('an unreadable history file', () => {
  it.each([
    ['npm start -- --once', 'tools/demo/start.ts', ['--once'], {}],
    ['npm start', 'tools/demo/start.ts', [], {}],
    ['the signal generator', 'apps/signal-generator/src/main.ts', [], ADDRESSES],
    ['the worker', 'apps/worker/src/main.ts', [], ADDRESSES],
  ])('ends %s with one line: file, line, column and rule', async (_title, script, args, addresses) => {
    const path = join(dir, 'broken.csv');
    writeFileSync(path, 'date,open,high,low,close\n2020-01-01,1,1,1,1\n2020-01-02,1,1,n/a,1\n');
    const { code, lines } = await run(script, args, { ...addresses, HISTORY_CSV: `GOOG=${path}` });
    expect(lines).toEqual([`cannot read bars from ${path}: line 3, column "low": "n/a" is not a number`]);
    expect(code).toBe(1);
  });
});
