import type { Expression, Rule } from './expressions';
import { parseExpression } from './promql';

/** What this check needs of a catalogue entry. */
export interface KnownMetric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

/** Labels that scraping adds to every series. */
const SCRAPE_LABELS = ['job', 'instance'];

/** Every series name the catalogue yields, with its labels: a histogram has three. */
export function knownSeries(catalogue: Readonly<Record<string, KnownMetric>>): Map<string, readonly string[]> {
  const series = new Map<string, readonly string[]>([['up', []]]);
  for (const [name, { type, labels }] of Object.entries(catalogue)) {
    if (type !== 'histogram') {
      series.set(name, labels);
      continue;
    }
    series.set(`${name}_bucket`, [...labels, 'le']);
    series.set(`${name}_sum`, labels);
    series.set(`${name}_count`, labels);
  }
  return series;
}

/** Adds what recording rules make; a recorded series has the labels of everything its expression reads. */
export function withRecordedSeries(
  series: ReadonlyMap<string, readonly string[]>,
  rules: readonly Rule[],
): Map<string, readonly string[]> {
  const all = new Map(series);
  for (const { record, expr } of rules) {
    if (record === undefined) continue;
    all.set(record, [...new Set(parseExpression(expr).selectors.flatMap(({ metric }) => series.get(metric) ?? []))]);
  }
  return all;
}

/** Problems of one expression: no PromQL, a metric nobody exports, a label the metric does not have. */
export function checkExpression(expression: Expression, series: ReadonlyMap<string, readonly string[]>): string[] {
  const { errors, selectors, groupingLabels } = parseExpression(expression.expr);
  const problems = [...errors];
  const allLabels = new Set(SCRAPE_LABELS);
  for (const { metric, labels } of selectors) {
    const known = series.get(metric);
    if (known === undefined) {
      problems.push(`no service exports ${metric === '' ? 'a metric without a name' : metric}`);
      continue;
    }
    for (const label of known) allLabels.add(label);
    for (const label of labels.filter((name) => !known.includes(name) && !SCRAPE_LABELS.includes(name))) {
      problems.push(`${metric} has no label ${label}`);
    }
  }
  for (const label of groupingLabels.filter((name) => !allLabels.has(name))) {
    problems.push(`none of its metrics has the label ${label}`);
  }
  return problems.map((problem) => `${expression.source}: ${problem}`);
}

/** Metrics of the catalogue that no dashboard and no rule reads: worth knowing, not wrong. */
export function unusedMetrics(
  catalogue: Readonly<Record<string, KnownMetric>>,
  expressions: readonly Expression[],
): string[] {
  const used = new Set(expressions.flatMap(({ expr }) => parseExpression(expr).selectors.map(({ metric }) => metric)));
  return Object.entries(catalogue)
    .filter(
      ([name, metric]) => ![...knownSeries({ [name]: metric }).keys()].some((key) => key !== 'up' && used.has(key)),
    )
    .map(([name]) => name);
}
