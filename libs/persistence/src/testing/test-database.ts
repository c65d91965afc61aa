export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

/** A migrated, empty database of its own, copied from a template that is made once per state of the migrations. */
export declare function createTestDatabase(adminUrl: string, options?: { prefix?: string }): Promise<TestDatabase>;
