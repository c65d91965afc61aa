import { join } from 'node:path';

import { buildSync } from 'esbuild';

import { ROOT } from './servers';

/** Processes of the harness: the load publisher and the fake broker. */
const ENTRIES = { publisher: 'chaos/load/publisher.ts', broker: 'chaos/broker/fake-broker.ts' } as const;
const LIBS = ['contracts', 'domain', 'messaging', 'runtime', 'telemetry'];

/** Bundles the harness' own processes once, because they start often and a bundle starts fast. Returns the files. */
export function buildProcesses(dir: string): Readonly<Record<keyof typeof ENTRIES, string>> {
  const outdir = join(dir, 'bundles');
  buildSync({
    entryPoints: Object.entries(ENTRIES).map(([out, entry]) => ({ in: join(ROOT, entry), out })),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node22',
    packages: 'external',
    tsconfig: join(ROOT, 'tsconfig.json'),
    // Our own libs are not published packages, so they must be bundled.
    alias: Object.fromEntries(LIBS.map((lib) => [`@tripline/${lib}`, join(ROOT, 'libs', lib, 'src/index.ts')])),
    logLevel: 'silent',
  });
  return { publisher: join(outdir, 'publisher.js'), broker: join(outdir, 'broker.js') };
}
