import type { Pipeline } from '@tripline/triggers';

/** Postings of a page. */
const PAGE_BITS = 15;
const PAGE_POSTINGS = 1 << PAGE_BITS;
const OFFSET_MASK = PAGE_POSTINGS - 1;
/** Postings of one processor cache line. */
const LINE_POSTINGS = 4;
/**
 * From this class on, blocks are offset by one cache line. If all of them started at multiples of a memory page, they
 * would compete for few cache sets.
 */
const STAGGERED_CLASS = 5;
/** A block holds 2^class postings; longer ranges are made of several blocks. */
const LARGEST_CLASS = 9;
export const LARGEST_BLOCK = 1 << LARGEST_CLASS;

/** The sort key of postings. */
export interface PostingKey {
  readonly threshold: number;
  /** Number of the pipeline in the index. */
  readonly owner: number;
  /** Index in the pipeline's list of subscriptions, with flags; see `subscription-postings.ts`. */
  readonly subscription: number;
}

/** One posting: a subscription of a pipeline on one ticker. */
export interface Posting extends PostingKey {
  readonly pipeline: Pipeline;
}

/** Size class of a block for so many postings. */
export function classFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

/**
 * Paged memory for postings, 24 bytes each, so no array is copied whole when it grows. A block lies within one page.
 * Its postings are sorted by (threshold, owner, subscription), so the postings that a signal reaches are read
 * sequentially.
 */
export class PostingPages {
  /** Per page; the threshold of posting i is at 2i. */
  readonly thresholds: Float64Array[] = [];
  /** The same memory; of posting i the owner is at 4i + 2, the subscription at 4i + 3. */
  readonly words: Uint32Array[] = [];
  /**
   * Per page, the pipelines beside their postings. Looking them up by the owner's number would cost a cache miss per
   * match.
   */
  readonly pipelines: (Pipeline | undefined)[][] = [];
  private readonly free: number[][] = Array.from({ length: LARGEST_CLASS + 1 }, () => []);
  private nextAddress = 0;

  /** Memory of all pages, bytes; a third of it in the JavaScript heap. */
  get bytes(): number {
    return this.thresholds.length * PAGE_POSTINGS * 24;
  }

  /** Address of a free block for `count` (at most `LARGEST_BLOCK`) postings; addresses are page × page size + position. */
  allocate(count: number): number {
    const wanted = classFor(count);
    const reused = this.free[wanted]?.pop();
    if (reused !== undefined) return reused;
    const size = (1 << wanted) + (wanted >= STAGGERED_CLASS ? LINE_POSTINGS : 0);
    const left = this.thresholds.length * PAGE_POSTINGS - this.nextAddress;
    if (left < size) {
      this.keepForLater(this.nextAddress, left);
      this.nextAddress = this.thresholds.length * PAGE_POSTINGS;
      const memory = new ArrayBuffer(PAGE_POSTINGS * 16);
      this.thresholds.push(new Float64Array(memory));
      this.words.push(new Uint32Array(memory));
      this.pipelines.push(new Array<Pipeline | undefined>(PAGE_POSTINGS).fill(undefined));
    }
    const address = this.nextAddress;
    this.nextAddress += size;
    return address;
  }

  /** Frees a block for `count` postings. */
  release(address: number, count: number): void {
    this.forget(address, 1 << classFor(count));
    this.free[classFor(count)]?.push(address);
  }

  /** Makes room at `position` of a block of `count` postings that has capacity, and writes there. */
  shiftIn(address: number, count: number, position: number, posting: Posting): void {
    this.copy(address + position, address + position + 1, count - position);
    this.write(address + position, posting);
  }

  /** Closes the gap of a posting removed from a block of `count`. The freed position gets an unreachable threshold. */
  shiftOut(address: number, count: number, position: number): void {
    this.copy(address + position + 1, address + position, count - position - 1);
    this.clear(address + count - 1, 1);
  }

  /** Gives positions of a block an unreachable threshold and releases their pipelines. */
  clear(address: number, count: number): void {
    const start = (address & OFFSET_MASK) * 2;
    const thresholds = this.thresholds[address >>> PAGE_BITS];
    for (let place = 0; place < count; place += 1) if (thresholds) thresholds[start + place * 2] = Infinity;
    this.forget(address, count);
  }

  /** Copies postings between blocks, or within one. */
  copy(from: number, to: number, count: number): void {
    if (count <= 0) return;
    const source = this.thresholds[from >>> PAGE_BITS];
    const target = this.thresholds[to >>> PAGE_BITS];
    if (source === undefined || target === undefined) throw new RangeError('no such page of postings');
    const [start, end] = [(from & OFFSET_MASK) * 2, ((from & OFFSET_MASK) + count) * 2];
    if (source === target) target.copyWithin((to & OFFSET_MASK) * 2, start, end);
    else target.set(source.subarray(start, end), (to & OFFSET_MASK) * 2);
    this.copyPipelines(from, to, count);
  }

  /** First position of a block whose posting is not before this one. */
  lowerBound(address: number, count: number, posting: PostingKey): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isBefore(address + middle, posting)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether the posting at an address comes before this one. */
  isBefore(address: number, posting: PostingKey): boolean {
    const threshold = this.thresholdAt(address);
    if (threshold !== posting.threshold) return threshold < posting.threshold;
    const owner = this.ownerAt(address);
    return owner === posting.owner ? this.wishAt(address) < posting.subscription : owner < posting.owner;
  }

  /** Whether the block of a long range has no posting at a position. */
  endsAt(address: number, position: number): boolean {
    return position === LARGEST_BLOCK || this.thresholdAt(address + position) === Infinity;
  }

  thresholdAt(address: number): number {
    return this.thresholds[address >>> PAGE_BITS]?.[(address & OFFSET_MASK) * 2] ?? NaN;
  }

  ownerAt(address: number): number {
    return this.words[address >>> PAGE_BITS]?.[(address & OFFSET_MASK) * 4 + 2] ?? 0;
  }

  wishAt(address: number): number {
    return this.words[address >>> PAGE_BITS]?.[(address & OFFSET_MASK) * 4 + 3] ?? 0;
  }

  private write(address: number, posting: Posting): void {
    const place = address & OFFSET_MASK;
    const thresholds = this.thresholds[address >>> PAGE_BITS];
    const words = this.words[address >>> PAGE_BITS];
    const pipelines = this.pipelines[address >>> PAGE_BITS];
    if (thresholds === undefined || words === undefined || pipelines === undefined)
      throw new RangeError('no such page of postings');
    thresholds[place * 2] = posting.threshold;
    words[place * 4 + 2] = posting.owner;
    words[place * 4 + 3] = posting.subscription;
    pipelines[place] = posting.pipeline;
  }

  private copyPipelines(from: number, to: number, count: number): void {
    const source = this.pipelines[from >>> PAGE_BITS];
    const target = this.pipelines[to >>> PAGE_BITS];
    if (source === undefined || target === undefined) return;
    const [first, into] = [from & OFFSET_MASK, to & OFFSET_MASK];
    if (source === target && first < into) {
      for (let place = count - 1; place >= 0; place -= 1) target[into + place] = source[first + place];
    } else {
      for (let place = 0; place < count; place += 1) target[into + place] = source[first + place];
    }
  }

  /** Releases references to pipelines that may otherwise be garbage. */
  private forget(address: number, count: number): void {
    this.pipelines[address >>> PAGE_BITS]?.fill(undefined, address & OFFSET_MASK, (address & OFFSET_MASK) + count);
  }

  /** Splits the rest of a page into small blocks. */
  private keepForLater(address: number, left: number): void {
    let [from, rest] = [address, left];
    for (let size = LARGEST_CLASS; size >= 0; size -= 1) {
      while (rest >= 1 << size) {
        this.free[size]?.push(from);
        from += 1 << size;
        rest -= 1 << size;
      }
    }
  }
}

/** Page and position of an address, for loops that read a whole block. */
export function pageOf(address: number): number {
  return address >>> PAGE_BITS;
}
export function positionOf(address: number): number {
  return address & OFFSET_MASK;
}
