import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';

import { FAILPOINTS } from '@tripline/failpoints';

import { DOSES } from '../../chaos/faults/matrix';
import type { ChaosSummary } from '../../chaos/report/summary';
import { ROOT } from '../support/e2e-stack';
import { report } from '../support/report';

jest.setTimeout(900_000);

/** Servers and folders used only by this test; each `npm test` has its own. */
const name = basename(process.env['TRIPLINE_TEST_STACK_DIR'] ?? 'e2e');

let summary: ChaosSummary;
let exitCode: number | null;
let log = '';

/** The small dose of the fault matrix, as `npm run chaos -- --dose pr` runs it. */
beforeAll(async () => {
  const args = ['-r', '@swc-node/register', join(ROOT, 'chaos/run.ts'), '--dose', 'pr', '--name', name];
  const { NODE_ENV: _env, JEST_WORKER_ID: _worker, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...env, SWC_NODE_PROJECT: join(ROOT, 'tsconfig.json') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines = log.trim().split('\n');
  for (const line of lines.slice(0, -1)) report(line);
  summary = JSON.parse(lines.at(-1) ?? '{}') as ChaosSummary;
});

describe('the small dose of the fault matrix', () => {
  it('loses, duplicates and blocks nothing', () => {
    const { lost, doubled, stuck, broken } = summary;
    expect({ exitCode, lost, doubled, stuck, broken }).toEqual({
      exitCode: 0,
      lost: 0,
      doubled: 0,
      stuck: 0,
      broken: 0,
    });
  });

  it('ends a process at each failpoint', () => {
    expect(FAILPOINTS.filter((point) => !(point in summary.failpoints))).toEqual([]);
  });

  it('fences off the late writes of zombies', () => {
    expect(summary.zombieWritesRejected).toBeGreaterThan(0);
  });

  it('injects every fault of its dose', () => {
    const { F2: _points, F17: _kinds, ...counted } = DOSES.pr;
    for (const [row, count] of Object.entries(counted)) {
      expect([row, summary.byFault[row as keyof typeof counted]?.count]).toEqual([row, count]);
    }
  });
});
