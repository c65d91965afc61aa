import type { LabelSpec, LabelValues, MetricType } from './definition';

/** Where values go that are not admitted. */
export const OVERFLOW_VALUE = 'other';

/** Longest label value kept; the rest is cut off. */
const MAX_VALUE_LENGTH = 128;

export interface LabelGuardOptions {
  /** Distinct `pipeline_id` values of counters and gauges. */
  readonly pipelineLabelLimit: number;
  /** Distinct `pipeline_id` values of histograms, which cost a dozen series each. */
  readonly pipelineHistogramLabelLimit: number;
  readonly onOverflow: (metric: string, label: string) => void;
}

/** A label value with its owner, e.g. a pipeline with its user: one owner never gets all values of the label. */
export interface OwnedLabel {
  readonly value: string;
  readonly owner: string;
}

/** First come, first admitted, for the life of the process: a value never moves to `other` later, nor back. */
class AdmissionSet {
  private readonly admitted = new Set<string>();
  private readonly reserved = new Set<string>();
  /** Admitted values by owner. */
  private readonly held = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /**
   * An owner gets another value only while they hold fewer than are free: the first owner gets half of the limit at most, the next
   * one half of the rest, and whoever comes later finds something left. An owner who is denied stays denied, because values are
   * never given back.
   */
  admits(value: string, owner?: string): boolean {
    if (this.admitted.has(value)) return true;
    const isReserved = this.reserved.delete(value);
    const free = this.limit - this.admitted.size - this.reserved.size;
    const held = owner === undefined ? 0 : (this.held.get(owner) ?? 0);
    if (!isReserved && held >= free) return false;
    this.admitted.add(value);
    if (owner !== undefined) this.held.set(owner, held + 1);
    return true;
  }

  reserve(value: string): void {
    if (this.admitted.has(value) || this.admitted.size + this.reserved.size >= this.limit) return;
    this.reserved.add(value);
  }
}

/** Bounds the number of series: every label is a closed list or has a limit of distinct values per process. */
export class LabelGuard {
  private readonly sets = new Map<string, AdmissionSet>();

  constructor(private readonly options: LabelGuardOptions) {}

  /** Keeps places for these pipelines, as far as the limits allow; others get what is left, first come first served. */
  preferPipelines(ids: readonly string[]): void {
    for (const id of ids) {
      this.admissionSet('pipeline_id', 'pipeline', 'counter').reserve(id);
      this.admissionSet('pipeline_id', 'pipeline', 'histogram').reserve(id);
    }
  }

  /** The labels to record under: every label of `spec` and no other, each within its limit. */
  apply(
    metric: string,
    type: MetricType,
    spec: LabelSpec,
    given: Readonly<Record<string, unknown>>,
  ): Record<string, string> {
    const labels: Record<string, string> = {};
    for (const label in spec) {
      const values = spec[label];
      if (values === undefined) continue;
      const { value, owner } = ownedValueOf(given[label]);
      if (value === OVERFLOW_VALUE || this.isAdmitted({ label, values, type, value, owner })) {
        labels[label] = value;
      } else {
        labels[label] = OVERFLOW_VALUE;
        this.options.onOverflow(metric, label);
      }
    }
    return labels;
  }

  private isAdmitted({ label, values, type, value, owner }: Candidate): boolean {
    if (typeof values === 'object') return values.includes(value);
    return this.admissionSet(label, values, type).admits(value, owner);
  }

  /** Shared by all metrics with the same label and limit, so that one symbol is admitted everywhere or nowhere. */
  private admissionSet(label: string, values: 'pipeline' | number, type: MetricType): AdmissionSet {
    const limit = values === 'pipeline' ? this.pipelineLimit(type) : values;
    const key = values === 'pipeline' ? `pipeline:${type === 'histogram'}` : `${label}:${limit}`;
    let set = this.sets.get(key);
    if (set === undefined) {
      set = new AdmissionSet(limit);
      this.sets.set(key, set);
    }
    return set;
  }

  private pipelineLimit(type: MetricType): number {
    return type === 'histogram' ? this.options.pipelineHistogramLabelLimit : this.options.pipelineLabelLimit;
  }
}

interface Candidate {
  readonly label: string;
  readonly values: LabelValues;
  readonly type: MetricType;
  readonly value: string;
  readonly owner: string | undefined;
}

function ownedValueOf(given: unknown): { value: string; owner: string | undefined } {
  const isOwned = typeof given === 'object' && given !== null && 'value' in given && 'owner' in given;
  return isOwned
    ? { value: textOf(given.value), owner: String(given.owner) }
    : { value: textOf(given), owner: undefined };
}

/** Lone surrogates would make the exposition invalid UTF-8. */
function textOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'unknown';
  const text = typeof value === 'string' ? value : String(value);
  return (text.length > MAX_VALUE_LENGTH ? text.slice(0, MAX_VALUE_LENGTH) : text).toWellFormed();
}
