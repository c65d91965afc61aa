import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from '../support/e2e-stack';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(180_000);

let system: TestSystem;
beforeAll(async () => {
  system = await createSystem({ name: 'halt_drill' });
  await Promise.all([system.apps.worker.start(), system.apps['trigger-dispatcher'].start()]);
});
afterAll(() => system.dispose());

interface DrillReport {
  readonly ok: boolean;
  readonly worstMs: number;
  readonly levels: readonly { level: string; haltLatencyMs: number; lastOrderMs: number; refusedAfter: number }[];
}

describe('the halt drill', () => {
  it('finds that no decision, start or order passes a halt on any level', async () => {
    const env = {
      ...process.env,
      DATABASE_URL: system.databaseUrl,
      REDIS_URL: system.servers.REDIS_URL,
      REDIS_PREFIX: system.names.redisPrefix,
    };
    // Asynchronous, because a blocked test process would not read the services' output, and the full pipes would stop the services.
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(ROOT, 'dist/apps/api/cli/halt-drill.js'), '--seconds', '3'],
      { env },
    ).catch((error: { stdout: string; stderr: string }) => error);
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as DrillReport;
    expect([stderr, report.ok]).toEqual(['', true]);
    expect(report.levels.map(({ level }) => level)).toEqual(['user', 'pipeline', 'ticker', 'venue']);
    expect(report.worstMs).toBeLessThan(2_000);
  });
});
