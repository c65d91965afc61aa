import { type Pipeline, wishesOf } from '@tripline/domain';

interface BareRange {
  start: number;
  count: number;
}

/**
 * The ceiling of matching: one look-up of a ready-made key in a Map, and a walk over typed arrays that are sorted already.
 * It knows no directions, sources or patterns, meets no pipeline twice, makes no matches and cannot change.
 */
export class BareIndex {
  private readonly ranges = new Map<string, BareRange>();
  private readonly keys = new Map<string, string>();
  private collected: { key: string; threshold: number; owner: number }[] = [];
  private thresholds = new Float64Array();
  private owners = new Uint32Array();
  private count = 0;

  /** The one string that stands for a ticker and a type; undefined: every type. */
  keyOf(ticker: string, signalType: string | undefined): string {
    const key = `${ticker} ${signalType ?? '*'}`;
    return this.keys.get(key) ?? key;
  }

  add(pipeline: Pipeline): void {
    const owner = this.count++;
    for (const ticker of pipeline.tickers) {
      for (const wish of wishesOf(pipeline)) {
        let key = `${ticker} ${wish.signalType ?? '*'}`;
        if (!this.keys.has(key)) this.keys.set(key, key);
        key = this.keys.get(key) ?? key;
        this.collected.push({ key, threshold: wish.minConfidence, owner });
      }
    }
  }

  /** Sorts what was added; nothing can be added afterwards. */
  seal(): void {
    const byKey = Map.groupBy(this.collected, ({ key }) => key);
    this.thresholds = new Float64Array(this.collected.length);
    this.owners = new Uint32Array(this.collected.length);
    this.collected = [];
    let place = 0;
    for (const [key, postings] of byKey) {
      this.ranges.set(key, { start: place, count: postings.length });
      postings.sort((a, b) => a.threshold - b.threshold);
      for (const { threshold, owner } of postings) {
        this.thresholds[place] = threshold;
        this.owners[place++] = owner;
      }
    }
  }

  /** How many postings a confidence reaches; `sum` keeps the walk from being optimised away. */
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
}
