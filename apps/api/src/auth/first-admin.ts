import type { UserRepository } from '@tripline/user-store';
import type { Logger } from '@tripline/telemetry';

import type { Passwords } from './passwords';

export interface FirstAdminOptions {
  /** Null: the environment names no administrator. */
  account: { email: string; password: string } | null;
  users: Pick<UserRepository, 'ensure' | 'findCredentials'>;
  passwords: Passwords;
  logger: Logger;
}

/** Creates the administrator named by the environment. Never changes an existing account with that e-mail. */
export async function ensureFirstAdmin({ account, users, passwords, logger }: FirstAdminOptions): Promise<void> {
  if (account === null || (await users.findCredentials(account.email)) !== null) {
    return;
  }
  const user = await users.ensure({
    email: account.email,
    passwordHash: await passwords.hash(account.password),
    role: 'admin',
  });
  logger.info({ event: 'first_admin_created', user_id: user.id }, 'first administrator created');
}
