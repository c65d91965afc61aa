import type { Expression, Rule } from './expressions';
import { parseExpression, type LabelMatcher, type Selector } from './promql';

/** Label → its values where they are a closed list; anything else means that any text may stand there. */
export type KnownLabels = Readonly<Record<string, unknown>>;

/** What this check needs of a catalogue entry. */
export interface KnownMetric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: KnownLabels;
}

/** Series name → its labels. */
export type KnownSeries = ReadonlyMap<string, KnownLabels>;

/** Labels that scraping adds to every series. */
const SCRAPE_LABELS: KnownLabels = { job: 'open', instance: 'open' };

/** Every series name the catalogue yields: a histogram has three. */
export function knownSeries(catalogue: Readonly<Record<string, KnownMetric>>): Map<string, KnownLabels> {
  const series = new Map<string, KnownLabels>([['up', SCRAPE_LABELS]]);
  for (const [name, metric] of Object.entries(catalogue)) {
    const labels = { ...metric.labels, ...SCRAPE_LABELS };
    if (metric.type !== 'histogram') {
      series.set(name, labels);
      continue;
    }
    series.set(`${name}_bucket`, { ...labels, le: 'open' });
    series.set(`${name}_sum`, labels);
    series.set(`${name}_count`, labels);
  }
  return series;
}

/** Adds what recording rules make; a recorded series has the labels of everything its expression reads. */
export function withRecordedSeries(series: KnownSeries, rules: readonly Rule[]): KnownSeries {
  const all = new Map(series);
  for (const { record, expr } of rules) {
    if (record === undefined) continue;
    const read = parseExpression(expr).selectors.map(({ metric }) => series.get(metric) ?? {});
    all.set(record, Object.assign({}, ...read) as KnownLabels);
  }
  return all;
}

/** What an expression is checked against. */
export interface NameRules {
  readonly series: KnownSeries;
  /** Series of metrics that no code records yet; only the message differs from that for an unknown name. */
  readonly planned: KnownSeries;
}

/** Problems of one expression: invalid PromQL, a planned or unknown metric, a label or value the metric does not have. */
export function checkExpression(expression: Expression, rules: NameRules): string[] {
  const { series } = rules;
  const { errors, selectors, groupingLabels } = parseExpression(expression.expr);
  const available = new Set(selectors.flatMap(({ metric }) => Object.keys(series.get(metric) ?? {})));
  const problems = [
    ...errors,
    ...selectors.flatMap((selector) => checkSelector(selector, rules)),
    ...groupingLabels
      .filter((label) => !available.has(label))
      .map((label) => `none of its metrics has the label ${label}`),
  ];
  return problems.map((problem) => `${expression.source}: ${problem}`);
}

function checkSelector({ metric, matchers }: Selector, { series, planned }: NameRules): string[] {
  const known = series.get(metric);
  if (known === undefined && planned.has(metric)) return [`${metric} is planned: nothing records it yet`];
  if (known === undefined) return [`no service exports ${metric === '' ? 'a metric without a name' : metric}`];
  return matchers.flatMap((matcher) => {
    if (!(matcher.label in known)) return [`${metric} has no label ${matcher.label}`];
    const values: unknown = known[matcher.label];
    if (!Array.isArray(values)) return [];
    return namedValues(matcher)
      .filter((value) => !values.includes(value))
      .map((value) => `${matcher.label} of ${metric} is never ${value}`);
  });
}

/** The values a matcher names outright; none where it is a pattern, like `5..`. */
function namedValues({ operator, value }: LabelMatcher): string[] {
  if (operator === '=' || operator === '!=') return [value];
  return /^[\w|-]+$/.test(value) ? value.split('|') : [];
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
