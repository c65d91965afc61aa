import { createDatabase, databaseConfigSchema } from '@tripline/database';
import { createUserRepository } from '@tripline/user-store';
import { ConfigError, parseConfig } from '@tripline/runtime';

import { createPasswords } from '../auth/passwords';
import { runUserCommand } from './user-command';
import { readPassword } from './read-password';

/** `user create --email … --role …`: manages accounts without the API, e.g. to create the first administrator. */
async function main(): Promise<void> {
  const database = createDatabase(parseConfig(databaseConfigSchema, process.env));
  try {
    process.exitCode = await runUserCommand(process.argv.slice(2), {
      users: createUserRepository(database),
      passwords: createPasswords(),
      readPassword: () => readPassword({ env: process.env, input: process.stdin, output: process.stderr }),
      print: (line) => process.stdout.write(`${line}\n`),
      printError: (line) => process.stderr.write(`${line}\n`),
    });
  } finally {
    await database.stop();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
