import { parser } from '@prometheus-io/lezer-promql';

/** `label="value"`; the value is a regular expression where the operator is `=~` or `!~`. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** One metric an expression selects, with its matchers. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
}

export interface ParsedExpression {
  /** Where the text stops being PromQL; empty for a valid expression. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
  /** Labels of `by (…)`, `without (…)`, `on (…)` and the like. */
  readonly groupingLabels: readonly string[];
}

interface MutableSelector {
  metric: string;
  matchers: { label: string; operator: string; value: string }[];
}

/** Reads PromQL with the grammar Prometheus' own editor uses. Grafana's variables must be expanded before. */
export function parseExpression(expr: string): ParsedExpression {
  const errors: string[] = [];
  const selectors: MutableSelector[] = [];
  const groupingLabels: string[] = [];
  let inGrouping = false;
  parser.parse(expr).iterate({
    enter: (node) => {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) errors.push(`syntax error at ${node.from}: ${expr.slice(node.from, node.from + 20)}`);
      else if (node.name === 'GroupingLabels') inGrouping = true;
      else if (inGrouping && node.name === 'LabelName') groupingLabels.push(text);
      else if (node.name === 'VectorSelector') selectors.push({ metric: '', matchers: [] });
      else if (!inGrouping) readSelectorPart(selectors.at(-1), node.name, text);
    },
    leave: (node) => {
      if (node.name === 'GroupingLabels') inGrouping = false;
    },
  });
  return { errors, selectors, groupingLabels };
}

/** Fills in the selector that was opened last, from the nodes inside it in the order they stand. */
function readSelectorPart(selector: MutableSelector | undefined, node: string, text: string): void {
  if (selector === undefined) return;
  const matcher = selector.matchers.at(-1);
  if (node === 'Identifier' && selector.metric === '') selector.metric = text;
  else if (node === 'LabelName') selector.matchers.push({ label: text, operator: '', value: '' });
  else if (matcher === undefined || matcher.value !== '') return;
  else if (node === 'MatchOp') matcher.operator = text;
  else if (node === 'StringLiteral') matcher.value = text.slice(1, -1);
}
