import { join, resolve } from 'node:path';

/** Downloads of every stack of this clone: each is fetched once, whichever command needs it first. */
export const CACHE_DIR = resolve(__dirname, '../../../../.local/cache');

/** Links to the programs that this repository's scripts installed; see `programs.ts`. */
export const PROGRAMS_DIR = join(CACHE_DIR, 'programs');
