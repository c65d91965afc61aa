export { dropDatabase, withDatabase } from './migrations/ensure-database';
export { KNOWN_MIGRATIONS } from './migrations/known-migrations';
export { migrate } from './migrations/migrate';
export { findMigrationsDir } from './migrations/migration-files';
export { createSchemaGate } from './migrations/schema-gate';
export { createTestDatabase, type TestDatabase } from './testing/test-database';
