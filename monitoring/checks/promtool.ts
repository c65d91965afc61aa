import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { RULE_FOLDER, type Expression } from './expressions';

const TEST_FOLDER = join(__dirname, '../prometheus/tests');

export interface PromtoolResult {
  readonly ok: boolean;
  readonly output: string;
}

/** `npm run check` and `npm test` name the one they found or installed. */
const promtool = (): string => process.env['TRIPLINE_PROMTOOL'] ?? 'promtool';

/** Whether Prometheus' own checker is on this machine. */
export function hasPromtool(): boolean {
  return spawnSync(promtool(), ['--version']).status === 0;
}

/** Runs promtool; throws when it is not on this machine. */
export function runPromtool(...args: string[]): PromtoolResult {
  const { status, stdout, stderr, error } = spawnSync(promtool(), args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error('promtool not found (Debian: apt-get install prometheus)', { cause: error });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

const ymlFilesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name));

export const checkRuleFiles = (): PromtoolResult => runPromtool('check', 'rules', ...ymlFilesIn(RULE_FOLDER));
export const testRuleFiles = (): PromtoolResult => runPromtool('test', 'rules', ...ymlFilesIn(TEST_FOLDER));

/**
 * Lets Prometheus type-check expressions that stand in no rule file, each dressed up as a recording rule: the grammar
 * alone takes `rate(up)` or a sum of a string.
 */
export function checkAsRules(expressions: readonly Expression[]): PromtoolResult {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-promtool-'));
  try {
    const rules = expressions.map(({ expr }, index) => ({ record: `panel:query:${index}`, expr }));
    const file = join(folder, 'panels.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
    return runPromtool('check', 'rules', file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
