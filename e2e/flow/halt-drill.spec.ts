import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { ROOT } from '../support/e2e-stack';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(120_000);

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
  it('finds that no decision, start or order passes a halt on any level', () => {
    const drill = spawnSync(process.execPath, [join(ROOT, 'dist/apps/api/cli/halt-drill.js'), '--seconds', '3'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        DATABASE_URL: system.databaseUrl,
        REDIS_URL: system.servers.REDIS_URL,
        REDIS_PREFIX: system.names.redisPrefix,
      },
    });
    const report = JSON.parse(drill.stdout.trim().split('\n').at(-1) ?? '{}') as DrillReport;
    expect([drill.stderr, report.ok, drill.status]).toEqual(['', true, 0]);
    expect(report.levels.map(({ level }) => level)).toEqual(['user', 'pipeline', 'ticker', 'venue']);
    expect(report.worstMs).toBeLessThan(2_000);
  });
});
