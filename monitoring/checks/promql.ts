import { parser } from '@prometheus-io/lezer-promql';

/** One metric an expression selects, with the labels its matchers name. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface ParsedExpression {
  /** Where the text stops being PromQL; empty for a valid expression. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
  /** Labels of `by (…)`, `without (…)`, `on (…)` and the like. */
  readonly groupingLabels: readonly string[];
}

/** Reads PromQL with the grammar Prometheus' own editor uses. Grafana's variables must be expanded before. */
export function parseExpression(expr: string): ParsedExpression {
  const errors: string[] = [];
  const selectors: { metric: string; labels: string[] }[] = [];
  const groupingLabels: string[] = [];
  let inGrouping = false;
  parser.parse(expr).iterate({
    enter: (node) => {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) errors.push(`syntax error at ${node.from}: ${expr.slice(node.from, node.from + 20)}`);
      else if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      else if (node.name === 'GroupingLabels') inGrouping = true;
      else if (node.name === 'LabelName' && inGrouping) groupingLabels.push(text);
      const selector = selectors.at(-1);
      if (selector === undefined || inGrouping) return;
      if (node.name === 'Identifier' && selector.metric === '') selector.metric = text;
      if (node.name === 'LabelName') selector.labels.push(text);
    },
    leave: (node) => {
      if (node.name === 'GroupingLabels') inGrouping = false;
    },
  });
  return { errors, selectors, groupingLabels };
}
