import { eventually } from '@tripline/testing';

import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(120_000);

const WITH_DATABASE = ['api', 'worker', 'trigger-dispatcher'] as const;

interface HealthReport {
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: string }>>;
}

let system: TestSystem;
beforeAll(async () => {
  system = await createSystem({ name: 'schema-wait' });
});
afterAll(() => system?.dispose());

async function readiness(app: (typeof WITH_DATABASE)[number]): Promise<{ status: number; report: HealthReport }> {
  const response = await fetch(`http://127.0.0.1:${system.ports.metrics[app]}/health/ready`);
  return { status: response.status, report: (await response.json()) as HealthReport };
}

describe('services on a database that lacks a migration', () => {
  it('wait, name the migration in their readiness check, and start work once it has finished', async () => {
    const [newest] = await system.database.query<{ name: string }>({
      text: 'SELECT max(migration_name) AS name FROM "_prisma_migrations"',
    });
    const name = newest?.name ?? '';
    const setFinished = (time: 'NULL' | 'now()') =>
      system.database.execute(
        { text: `UPDATE "_prisma_migrations" SET finished_at = ${time} WHERE migration_name = $1` },
        [name],
      );
    await setFinished('NULL');
    const starting = WITH_DATABASE.map((app) => system.apps[app].start());
    for (const app of WITH_DATABASE) {
      await eventually(
        async () => {
          const { status, report } = await readiness(app);
          expect([app, status, report.checks['schema']]).toEqual([
            app,
            503,
            expect.objectContaining({ ok: false, detail: expect.stringContaining(name) }),
          ]);
        },
        { timeoutMs: 20_000 },
      );
    }
    await setFinished('now()');
    await Promise.all(starting);
    for (const app of WITH_DATABASE) {
      await eventually(async () => expect([app, (await readiness(app)).status]).toEqual([app, 200]), {
        timeoutMs: 20_000,
      });
    }
  });
});
