import { join } from 'node:path';

import { buildSync } from 'esbuild';

import { CHAOS_DIR, ROOT } from './servers';

/** Bundles the publisher of the load once, so that each of its many starts takes a fraction of a second; the file. */
export function buildPublisher(): string {
  const outfile = join(CHAOS_DIR, 'publisher.js');
  buildSync({
    entryPoints: [join(ROOT, 'chaos/load/publisher.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    packages: 'external',
    tsconfig: join(ROOT, 'tsconfig.json'),
    // Our own libs are no packages: they are bundled.
    alias: Object.fromEntries(LIBS.map((lib) => [`@tripline/${lib}`, join(ROOT, 'libs', lib, 'src/index.ts')])),
    logLevel: 'silent',
  });
  return outfile;
}

const LIBS = ['contracts', 'domain', 'messaging', 'runtime', 'telemetry'];
