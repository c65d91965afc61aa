/** One sample line of a family. */
export interface Sample {
  /** Appended to the family's base name: `''`, `_total`, `_bucket`, `_sum`, `_count`. */
  readonly suffix: string;
  /** Labels as printed, without braces; escaped. */
  readonly labels: string;
  readonly value: number;
  readonly exemplar?: SampleExemplar | undefined;
}

export interface SampleExemplar {
  readonly labels: string;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';

/** A metric family, independent of the format it is written in. */
export interface Family {
  /** Without `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  readonly samples: Sample[];
}

/** Backslash, line feed and quote, in the order that keeps them apart. */
export function escapeLabelValue(value: string): string {
  return /[\\\n"]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"') : value;
}

/** `a="1",b="2"`. */
export function formatLabels(labels: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name in labels) {
    if (name === 'le') continue;
    const separator = text === '' ? '' : ',';
    text += `${separator}${name}="${escapeLabelValue(String(labels[name]))}"`;
  }
  return text;
}

/**
 * `le` as a float in its canonical form. OpenMetrics demands `1.0`, and Prometheus 3 rewrites `1` to it: printing it
 * in both formats gives the same series whoever scrapes.
 */
export function formatBound(bound: number | string): string {
  const value = Number(bound);
  if (value === Number.POSITIVE_INFINITY || bound === '+Inf') return '+Inf';
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}
