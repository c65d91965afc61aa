import { type Database, type Statement, withConstraintErrors } from '@tripline/database';
import { venueDenial } from './venue-sql';

/** A venue outside Tripline. Its credentials are in the configuration of the worker bound to it. */
export interface VenueRecord {
  readonly name: string;
  /** A disabled venue accepts no orders from any user. */
  readonly isEnabled: boolean;
  /** Users who may trade there, by id. */
  readonly userIds: readonly string[];
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface VenueRepository {
  /** All venues by name. */
  list(): Promise<readonly VenueRecord[]>;
  /** Names of the enabled venues that are granted to a user, without the paper venues. */
  listGranted(userId: string): Promise<readonly string[]>;
  /** @throws DuplicateError when the name is taken */
  create(name: string, createdBy: string): Promise<VenueRecord>;
  /** Null when there is no such venue. */
  setEnabled(name: string, isEnabled: boolean): Promise<VenueRecord | null>;
  /** Idempotent. Null when there is no such venue or user. */
  grant(name: string, userId: string, grantedBy: string): Promise<VenueRecord | null>;
  /**
   * Idempotent. Null when there is no such venue. Takes effect at the next start of an execution and the next order.
   */
  revoke(name: string, userId: string): Promise<VenueRecord | null>;
  /** Whether the user may trade at the venue now: a paper venue, or an enabled venue granted to the user. */
  isPermitted(name: string, userId: string): Promise<boolean>;
}

const COLUMNS = `n.name, n.is_enabled AS "isEnabled", extract(epoch FROM n.created_at)::float8 * 1000 AS "createdAt",
  ARRAY(SELECT g.user_id::text FROM venue_grants g WHERE g.venue = n.name ORDER BY g.granted_at, g.user_id) AS "userIds"`;

const LIST: Statement = { text: `SELECT ${COLUMNS} FROM venues n ORDER BY n.name` };
/** $1 venue. */
const FIND: Statement = { text: `SELECT ${COLUMNS} FROM venues n WHERE n.name = $1` };
/** $1 venue, $2 who creates it. */
const CREATE: Statement = { text: '-- insert\nINSERT INTO venues (name, created_by) VALUES ($1, $2)' };
/** $1 user. */
const LIST_GRANTED: Statement = {
  text: `SELECT n.name FROM venues n JOIN venue_grants g ON g.venue = n.name
WHERE g.user_id = $1 AND n.is_enabled ORDER BY n.name`,
};
/** $1 venue, $2 enabled. */
const SET_ENABLED: Statement = {
  text: '-- update\nUPDATE venues SET is_enabled = $2, updated_at = now() WHERE name = $1',
};
/** $1 venue, $2 user, $3 who grants. */
const GRANT: Statement = {
  text: `-- insert
INSERT INTO venue_grants (venue, user_id, granted_by)
SELECT n.name, u.id, $3 FROM venues n, users u WHERE n.name = $1 AND u.id = $2
ON CONFLICT (venue, user_id) DO UPDATE SET granted_by = venue_grants.granted_by RETURNING venue`,
};
/** $1 venue, $2 user. */
const REVOKE: Statement = { text: '-- delete\nDELETE FROM venue_grants WHERE venue = $1 AND user_id = $2' };
/** $1 venue, $2 user. */
const IS_PERMITTED: Statement = { text: `SELECT ${venueDenial('$1::text', '$2::uuid')} IS NULL AS "isPermitted"` };

export function createVenueRepository(database: Database): VenueRepository {
  const find = async (name: string): Promise<VenueRecord | null> =>
    (await database.query<VenueRecord & Record<string, unknown>>(FIND, [name]))[0] ?? null;
  return {
    list: async () => database.query<VenueRecord & Record<string, unknown>>(LIST),
    listGranted: async (userId) =>
      (await database.query<{ name: string }>(LIST_GRANTED, [userId])).map(({ name }) => name),
    create: async (name, createdBy) => {
      await withConstraintErrors(async () => database.execute(CREATE, [name, createdBy]));
      const created = await find(name);
      if (created === null) throw new Error(`the venue ${name} is missing after its creation`);
      return created;
    },
    setEnabled: async (name, isEnabled) => {
      await database.query(SET_ENABLED, [name, isEnabled]);
      return find(name);
    },
    grant: async (name, userId, grantedBy) => {
      const rows = await database.query(GRANT, [name, userId, grantedBy]);
      return rows.length === 0 ? null : find(name);
    },
    revoke: async (name, userId) => {
      await database.query(REVOKE, [name, userId]);
      return find(name);
    },
    isPermitted: async (name, userId) => {
      const [row] = await database.query<{ isPermitted: boolean }>(IS_PERMITTED, [name, userId]);
      return row?.isPermitted === true;
    },
  };
}
