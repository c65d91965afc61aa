export interface MigrateOptions {
  /** Folder with `<name>/migration.sql`; default: found from the working directory upwards. */
  readonly migrationsDir?: string;
  /** Create the database when it is missing; default true. */
  readonly createDatabase?: boolean;
}

export interface MigrateResult {
  readonly applied: readonly string[];
  readonly createdDatabase: boolean;
}

/** Brings the schema up to date; any number of processes may call it at once. */
export declare function migrate(databaseUrl: string, options?: MigrateOptions): Promise<MigrateResult>;
