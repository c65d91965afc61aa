import { join, resolve } from 'node:path';

/** Download cache shared by all stacks of this clone. */
export const CACHE_DIR = resolve(__dirname, '../../../../.local/cache');

/** Links to the programs that this repository's scripts installed; see `programs.ts`. */
export const PROGRAMS_DIR = join(CACHE_DIR, 'programs');
