import { PassThrough } from 'node:stream';

import { createFakeUsers } from '../../test/fake-repositories';
import { createPasswords } from '../auth/passwords';
import { readPassword } from './read-password';
import { runUserCommand } from './user-command';

describe('the user command', () => {
  const users = createFakeUsers();
  const passwords = createPasswords();
  let printed: string[];
  const run = (args: string[], password = 'correct horse battery') => {
    printed = [];
    const print = (line: string) => printed.push(line);
    const readFakePassword = () => Promise.resolve(password);
    return runUserCommand(args, { users, passwords, readPassword: readFakePassword, print, printError: print });
  };

  it('creates an account with a hashed password', async () => {
    await expect(run(['create', '--email', 'Ada@Example.com', '--role', 'admin'])).resolves.toBe(0);
    const user = await users.findCredentials('ada@example.com');
    expect(user?.role).toBe('admin');
    expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(printed.join()).not.toContain('battery');
  });

  it.each([
    [['create', '--email', 'ada@example.com'], 'correct horse battery', /already has an account/],
    [['create', '--email', 'no-mail'], 'correct horse battery', /email/],
    [['create', '--email', 'bob@example.com'], 'short', /password/],
    [['create', '--email', 'bob@example.com', '--role', 'king'], 'correct horse battery', /role/],
    [['password', '--email', 'nobody@example.com'], 'correct horse battery', /no account/],
  ])('refuses %j', async (args, password, message) => {
    await expect(run(args, password)).resolves.toBe(1);
    expect(printed.join('\n')).toMatch(message);
  });

  it('changes a password', async () => {
    await expect(run(['password', '--email', 'ada@example.com'], 'another long password')).resolves.toBe(0);
    const user = await users.findCredentials('ada@example.com');
    await expect(passwords.verify(user?.passwordHash, 'another long password')).resolves.toBe(true);
  });

  it.each([[[]], [['fly']], [['create', '--password', 'x']], [['create', 'ada']]])(
    'prints its usage when called with %j',
    async (args) => {
      await expect(run(args)).resolves.toBe(2);
      expect(printed.join('\n')).toContain('Usage:');
    },
  );

  it('reads a password from the environment, else the first line of standard input', async () => {
    const input = () => Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.ReadStream;
    const output = new PassThrough();
    const piped = input();
    (piped as unknown as PassThrough).end('from the pipe\nmore\n');
    await expect(readPassword({ env: {}, input: piped, output })).resolves.toBe('from the pipe');
    const env = { TRIPLINE_PASSWORD: 'from the environment' };
    await expect(readPassword({ env, input: input(), output })).resolves.toBe('from the environment');
  });
});
