import type { Database } from '../database/database';

export type UserRole = 'admin' | 'trader';

export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly isActive: boolean;
  readonly createdAt: number;
}

/** A user with the hash of the password; for the login only. */
export interface UserCredentials extends UserRecord {
  readonly passwordHash: string;
}

export interface NewUser {
  /** Lower-cased before it is stored. */
  readonly email: string;
  readonly passwordHash: string;
  readonly role?: UserRole;
}

export interface UserRepository {
  /** Throws `DuplicateError` when the e-mail is taken. */
  create(user: NewUser): Promise<UserRecord>;
  /** Creates the user, or leaves the one with this e-mail alone. */
  ensure(user: NewUser): Promise<UserRecord>;
  findById(id: string): Promise<UserRecord | null>;
  findCredentials(email: string): Promise<UserCredentials | null>;
  setActive(id: string, isActive: boolean): Promise<UserRecord | null>;
  setPasswordHash(id: string, passwordHash: string): Promise<boolean>;
  list(): Promise<readonly UserRecord[]>;
}

export declare function createUserRepository(database: Database): UserRepository;
