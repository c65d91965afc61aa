import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Rule } from './expressions';

const REPO_ROOT = join(__dirname, '../..');
const SEVERITIES = ['critical', 'warning', 'info'];

/** An alert wakes an operator, so it states how urgent it is, what happened, and where the runbook is. */
export function checkAlert(rule: Rule): string[] {
  if (rule.alert === undefined) return [];
  const problems: string[] = [];
  if (!SEVERITIES.includes(rule.labels.severity ?? '')) problems.push(`severity is none of ${SEVERITIES.join(', ')}`);
  if (!rule.annotations.summary) problems.push('has no summary');
  const runbook = rule.annotations.runbook_url;
  if (runbook === undefined) problems.push('has no runbook_url');
  else if (!existsSync(join(REPO_ROOT, runbook))) problems.push(`its runbook ${runbook} does not exist`);
  return problems.map((problem) => `${rule.source}: ${problem}`);
}
