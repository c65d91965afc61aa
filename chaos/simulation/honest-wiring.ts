import { Postgres } from './model/postgres';
import type { Wiring } from './system';

/** The system as it is in production. */
export const HONEST_WIRING: Wiring = {
  consumer: { fromBeginning: true, autoResolve: false, commitFirst: false },
  hasSweeper: true,
  jobIdOf: null,
  createPostgres: (world, server) => new Postgres(world, server),
  storesOf: ({ postgres }, process, onPromoted) => postgres.storesOf(process, onPromoted),
  isLeftOut: () => false,
};
