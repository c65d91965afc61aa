import { KNOWN_MIGRATIONS } from './known-migrations';
import { findMigrationsDir, readMigrations } from './migration-files';

describe('KNOWN_MIGRATIONS', () => {
  it('lists every migration of the folder, in the order of application', () => {
    expect(KNOWN_MIGRATIONS).toEqual(readMigrations(findMigrationsDir()).map(({ name }) => name));
  });
});
