import { type Permission, PERMISSIONS } from '@tripline/contracts';

import { type Database, DuplicateError, type User, withConstraintErrors } from '@tripline/database';

export type UserRole = 'admin' | 'trader';

export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly isActive: boolean;
  /** Permissions granted in addition to the role. */
  readonly permissions: readonly Permission[];
  readonly createdAt: number;
}

/** A user with the password hash. Only for the login. */
export interface UserCredentials extends UserRecord {
  readonly passwordHash: string;
}

export interface NewUser {
  /** Lower-cased before it is stored. */
  readonly email: string;
  readonly passwordHash: string;
  readonly role?: UserRole;
}

/** Omitted fields stay unchanged. */
export interface UserChanges {
  readonly role?: UserRole | undefined;
  readonly isActive?: boolean | undefined;
  readonly passwordHash?: string | undefined;
}

export interface UserRepository {
  /** Throws `DuplicateError` when the e-mail is taken. */
  create(user: NewUser): Promise<UserRecord>;
  /** Creates the user unless the e-mail exists. Never changes an existing user. */
  ensure(user: NewUser): Promise<UserRecord>;
  findById(id: string): Promise<UserRecord | null>;
  findCredentials(email: string): Promise<UserCredentials | null>;
  /** Changes the given fields atomically. Null for an unknown user. */
  update(id: string, changes: UserChanges): Promise<UserRecord | null>;
  /** Replaces the permissions. Null for an unknown user. */
  setPermissions(id: string, permissions: readonly Permission[]): Promise<UserRecord | null>;
  list(): Promise<readonly UserRecord[]>;
}

export function createUserRepository(database: Database): UserRepository {
  const { user } = database.prisma;
  const create = async (input: NewUser): Promise<UserRecord> =>
    withConstraintErrors(async () =>
      userOf(
        await user.create({
          data: {
            email: input.email.toLowerCase(),
            passwordHash: input.passwordHash,
            role: input.role ?? 'trader',
          },
        }),
      ),
    );
  const findByEmail = async (email: string): Promise<UserCredentials | null> => {
    const row = await user.findUnique({ where: { email: email.toLowerCase() } });
    return row === null ? null : { ...userOf(row), passwordHash: row.passwordHash };
  };

  return {
    create,
    ensure: async (input) => {
      const found = await user.findUnique({ where: { email: input.email.toLowerCase() } });
      if (found !== null) return userOf(found);
      try {
        return await create(input);
      } catch (error) {
        // Another process created the user first.
        const other = error instanceof DuplicateError ? await findByEmail(input.email) : null;
        if (other === null) throw error;
        return userWithoutHash(other);
      }
    },
    findById: async (id) => {
      const row = await user.findUnique({ where: { id } });
      return row === null ? null : userOf(row);
    },
    findCredentials: findByEmail,
    update: async (id, { role, isActive, passwordHash }) => {
      const [row] = await user.updateManyAndReturn({ where: { id }, data: { role, isActive, passwordHash } });
      return row === undefined ? null : userOf(row);
    },
    setPermissions: async (id, permissions) => {
      const data = { permissions: PERMISSIONS.filter((permission) => permissions.includes(permission)) };
      const [row] = await user.updateManyAndReturn({ where: { id }, data });
      return row === undefined ? null : userOf(row);
    },
    list: async () => (await user.findMany({ orderBy: { createdAt: 'asc' } })).map(userOf),
  };
}

function userOf(row: User): UserRecord {
  return {
    id: row.id,
    email: row.email,
    role: row.role === 'admin' ? 'admin' : 'trader',
    isActive: row.isActive,
    // Ignores permissions that only another version knows.
    permissions: PERMISSIONS.filter((permission) => row.permissions.includes(permission)),
    createdAt: row.createdAt.getTime(),
  };
}

function userWithoutHash({ passwordHash: _, ...user }: UserCredentials): UserRecord {
  return user;
}
