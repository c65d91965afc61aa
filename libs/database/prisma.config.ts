import { defineConfig } from 'prisma/config';

/** For `prisma generate`; migrations are applied by `src/cli/migrate.ts`, which needs no engine binary. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
