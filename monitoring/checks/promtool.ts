import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { findProgram } from '../../tools/local-stack/src/machine/programs';
import { RULE_FOLDER, type Expression } from './expressions';

const TEST_FOLDER = join(__dirname, '../prometheus/tests');

export interface PromtoolResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Whether Prometheus' own checker is on this machine. */
export function hasPromtool(): boolean {
  return findProgram('promtool') !== undefined;
}

/** Runs promtool; throws when it is not on this machine. */
export function runPromtool(...args: string[]): PromtoolResult {
  const promtool = findProgram('promtool');
  if (promtool === undefined) throw new Error('promtool not found (Debian: apt-get install prometheus)');
  const { status, stdout, stderr, error } = spawnSync(promtool, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error('promtool cannot be started', { cause: error });
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
