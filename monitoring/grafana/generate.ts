import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildDashboard } from './build-dashboard';
import { DASHBOARDS } from './dashboards';

const FOLDER = join(__dirname, 'dashboards');

/** File name → content of every generated dashboard. */
function generated(): Map<string, string> {
  return new Map(
    DASHBOARDS.map((spec) => [`${spec.uid}.json`, `${JSON.stringify(buildDashboard(spec), null, 2)}\n`] as const),
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** With `--check` nothing is written: the exit code tells whether the committed files are what the code makes. */
function main(checkOnly: boolean): number {
  const files = generated();
  const stale = [...files].filter(([name, content]) => readIfThere(join(FOLDER, name)) !== content);
  const strangers = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && !files.has(name));
  for (const name of strangers) console.error(`${name}: no code makes it; dashboards are written in TypeScript`);
  for (const [name, content] of stale) {
    if (checkOnly) console.error(`${name}: differs from what the code makes`);
    else writeFileSync(join(FOLDER, name), content);
  }
  return strangers.length > 0 || (checkOnly && stale.length > 0) ? 1 : 0;
}

process.exitCode = main(process.argv.includes('--check'));
