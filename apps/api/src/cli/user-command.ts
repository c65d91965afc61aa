import { parseArgs } from 'node:util';

import { DuplicateError } from '@tripline/database';
import type { UserRepository } from '@tripline/user-store';

import { ROLES } from '../auth/caller';
import type { Passwords } from '../auth/passwords';
import { userCreateBody } from '../users/user-schemas';

export interface UserCommandOptions {
  users: Pick<UserRepository, 'create' | 'findCredentials' | 'update' | 'list'>;
  passwords: Passwords;
  /** Reads TRIPLINE_PASSWORD, a prompt or standard input. Never the command line, which other users can read. */
  readPassword: () => Promise<string>;
  print: (line: string) => void;
  printError: (line: string) => void;
}

const USAGE = `Usage:
  npm run user -- create --email ada@example.com [--role ${ROLES.join('|')}]
  npm run user -- password --email ada@example.com
  npm run user -- list
Prompts for the password at a terminal. Scripts set TRIPLINE_PASSWORD or pipe the password to standard input.
DATABASE_URL names the database.`;

/** Runs one command and returns the exit code: 0 success, 1 invalid input, 2 wrong usage. */
export async function runUserCommand(args: readonly string[], options: UserCommandOptions): Promise<number> {
  const parsed = parse(args);
  switch (parsed?.command) {
    case 'create':
      return create(parsed.values, options);
    case 'password':
      return changePassword(parsed.values, options);
    case 'list':
      for (const user of await options.users.list()) {
        options.print([user.id, user.email, user.role, user.isActive ? 'active' : 'inactive'].join('\t'));
      }
      return 0;
    default:
      options.printError(USAGE);
      return 2;
  }
}

interface Values {
  email?: string | undefined;
  role?: string | undefined;
}

function parse(args: readonly string[]): { command: string | undefined; values: Values } | null {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { email: { type: 'string' }, role: { type: 'string' } },
    });
    return positionals.length === 1 ? { command: positionals[0], values } : null;
  } catch {
    return null;
  }
}

async function create(values: Values, { users, passwords, readPassword, print, printError }: UserCommandOptions) {
  const input = userCreateBody.safeParse({ ...values, password: await readPassword() });
  if (!input.success) {
    printError(input.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
    return 1;
  }
  const { email, role, password } = input.data;
  try {
    const user = await users.create({ email, role, passwordHash: await passwords.hash(password) });
    print(`created ${user.role} ${user.email} (${user.id})`);
    return 0;
  } catch (error) {
    if (error instanceof DuplicateError) {
      printError(`email: ${email} already has an account`);
      return 1;
    }
    throw error;
  }
}

async function changePassword(
  values: Values,
  { users, passwords, readPassword, print, printError }: UserCommandOptions,
) {
  const input = userCreateBody.pick({ email: true, password: true }).safeParse({
    email: values.email,
    password: await readPassword(),
  });
  if (!input.success) {
    printError(input.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
    return 1;
  }
  const user = await users.findCredentials(input.data.email);
  if (user === null) {
    printError(`email: no account for ${input.data.email}`);
    return 1;
  }
  await users.update(user.id, { passwordHash: await passwords.hash(input.data.password) });
  print(`changed the password of ${user.email}`);
  return 0;
}
