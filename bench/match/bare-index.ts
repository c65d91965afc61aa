import { type Pipeline, subscriptionsOf } from '@tripline/triggers';

interface BareRange {
  /** The single key string for a ticker and a type. */
  readonly key: string;
  start: number;
  count: number;
}

/**
 * The ceiling for matching: one look-up of a ready-made key in a Map, then a walk over sorted typed arrays. It has no
 * directions, sources, patterns or deduplication of pipelines, builds no matches and cannot change.
 */
export class BareIndex {
  private readonly ranges = new Map<string, BareRange>();
  private readonly thresholds: Float64Array;
  private readonly owners: Uint32Array;

  constructor(pipelines: () => Iterable<Pipeline>) {
    for (const pipeline of pipelines()) this.forEachKey(pipeline, (range) => (range.count += 1));
    let total = 0;
    for (const range of this.ranges.values()) {
      range.start = total;
      total += range.count;
      range.count = 0;
    }
    this.thresholds = new Float64Array(total);
    this.owners = new Uint32Array(total);
    let owner = 0;
    for (const pipeline of pipelines()) {
      this.forEachKey(pipeline, (range, threshold) => {
        this.thresholds[range.start + range.count] = threshold;
        this.owners[range.start + range.count] = owner;
        range.count += 1;
      });
      owner += 1;
    }
    // The order of the owners does not matter, because they are only summed.
    for (const { start, count } of this.ranges.values()) this.thresholds.subarray(start, start + count).sort();
  }

  /** The single key string for a ticker and a type; undefined stands for every type. */
  keyOf(ticker: string, signalType: string | undefined): string {
    const key = `${ticker} ${signalType ?? '*'}`;
    return this.ranges.get(key)?.key ?? key;
  }

  /** How many postings a confidence reaches; `sum` prevents the walk from being optimised away. */
  walk(key: string, confidence: number, sum: { owners: number }): number {
    const range = this.ranges.get(key);
    if (range === undefined) return 0;
    const { thresholds, owners } = this;
    const end = range.start + range.count;
    let place = range.start;
    for (; place < end && (thresholds[place] as number) <= confidence; place += 1) {
      sum.owners = (sum.owners + (owners[place] as number)) | 0;
    }
    return place - range.start;
  }

  private forEachKey(pipeline: Pipeline, visit: (range: BareRange, threshold: number) => void): void {
    for (const ticker of pipeline.tickers) {
      for (const subscription of subscriptionsOf(pipeline)) {
        const key = `${ticker} ${subscription.signalType ?? '*'}`;
        let range = this.ranges.get(key);
        if (range === undefined) this.ranges.set(key, (range = { key, start: 0, count: 0 }));
        visit(range, subscription.minConfidence);
      }
    }
  }
}
