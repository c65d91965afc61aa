import { METRIC_CATALOGUE, PLANNED_METRICS } from '@tripline/telemetry';

import { checkAlert } from './checks/alerts';
import { loadPanelExpressions, loadRules } from './checks/expressions';
import { checkExpression, knownSeries, unusedMetrics, withRecordedSeries, type KnownMetric } from './checks/names';
import { checkAsRules, checkRuleFiles, hasPromtool, testRuleFiles } from './checks/promtool';

/** Dashboards and rules against the metric catalogue, the PromQL grammar and, where installed, promtool. */
function main(): number {
  const catalogue: Readonly<Record<string, KnownMetric>> = METRIC_CATALOGUE;
  const rules = loadRules();
  const panels = loadPanelExpressions();
  const series = withRecordedSeries(knownSeries(catalogue), rules);
  const planned = knownSeries(Object.fromEntries(PLANNED_METRICS));
  const problems = [
    ...[...rules, ...panels].flatMap((expression) => checkExpression(expression, { series, planned })),
    ...rules.flatMap(checkAlert),
  ];
  if (hasPromtool()) {
    for (const result of [checkRuleFiles(), checkAsRules(panels), testRuleFiles()]) {
      if (!result.ok) problems.push(result.output.trimEnd());
    }
  } else {
    console.log('promtool is not installed: types of expressions and rule tests are left to the test suite');
  }
  const unused = unusedMetrics(catalogue, [...rules, ...panels]);
  console.log(`${panels.length} panel queries and ${rules.length} rules read.`);
  if (unused.length > 0) console.log(`On no dashboard and in no rule: ${unused.join(', ')}`);
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = main();
