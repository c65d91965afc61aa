export { dropDatabase } from './migrations/ensure-database';
export { migrate } from './migrations/migrate';
export { createTestDatabase, type TestDatabase } from './testing/test-database';
