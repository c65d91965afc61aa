import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BenchResult } from './bench';
import { renderFigures, replaceFigures } from './figures';
import { describeMachine } from './machine';
import { ROOT } from './servers';

/** The last result of each bench in this clone; allows measuring one bench again by itself. */
const RESULTS_FILE = join(ROOT, '.local', 'bench-results.json');
const DOCUMENT = join(ROOT, 'docs', 'performance.md');

/** Stores a result next to the last ones of the other benches. */
export function keepResult(result: BenchResult): void {
  writeFileSync(RESULTS_FILE, JSON.stringify({ ...readResults(), [result.name]: result }, null, 2));
}

/** Writes the stored results into docs/performance.md, in the order of `names`. */
export function writeFigures(names: readonly string[]): void {
  const results = readResults();
  const known = names.flatMap((name) => results[name] ?? []);
  const date = new Date().toISOString().slice(0, 10);
  const document = readFileSync(DOCUMENT, 'utf8');
  writeFileSync(DOCUMENT, replaceFigures(document, renderFigures(known, describeMachine(), date)));
  spawnSync(join(ROOT, 'node_modules/.bin/prettier'), ['--write', '--log-level', 'warn', DOCUMENT], {
    stdio: 'inherit',
  });
}

function readResults(): Record<string, BenchResult> {
  if (!existsSync(RESULTS_FILE)) return {};
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as Record<string, BenchResult>;
}
