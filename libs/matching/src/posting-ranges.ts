import { classFor, LARGEST_BLOCK, type Posting, type PostingKey, PostingPages } from './posting-pages';

/** A range of more than `LARGEST_BLOCK` postings: blocks of full capacity, in order. */
interface LongRange {
  readonly addresses: number[];
  readonly counts: number[];
}

/** Neighbouring blocks with together at most this many postings are merged. */
const MERGE_BELOW = LARGEST_BLOCK / 2;

/**
 * Sorted ranges of postings that grow and shrink in place. A range is three words of the caller's: the address of its
 * first block, the number of its postings and, above `LARGEST_BLOCK`, the number of its `LongRange`. A change moves at
 * most one block of postings, however long the range. Free positions in the blocks of a long range hold unreachable
 * thresholds, so a walk needs no count to stop.
 */
export class PostingRanges {
  readonly pages = new PostingPages();
  private readonly long: (LongRange | undefined)[] = [];
  private readonly freeNumbers: number[] = [];

  /** Adds a posting to the range described by `words[at]` (start), `words[at + 1]` (count) and `words[at + 2]` (number). */
  insert(words: Uint32Array, at: number, posting: Posting): void {
    const start = words[at] ?? 0;
    const count = words[at + 1] ?? 0;
    words[at + 1] = count + 1;
    if (count < LARGEST_BLOCK) {
      words[at] = this.insertShort(start, count, posting);
      return;
    }
    if (count === LARGEST_BLOCK) words[at + 2] = this.lengthen(start);
    this.insertLong(words[at + 2] ?? 0, posting);
  }

  /** Removes exactly this posting; false when it is not there. */
  remove(words: Uint32Array, at: number, posting: PostingKey): boolean {
    const start = words[at] ?? 0;
    const count = words[at + 1] ?? 0;
    if (count > LARGEST_BLOCK) {
      const number = words[at + 2] ?? 0;
      if (!this.removeLong(number, posting)) return false;
      words[at] = count - 1 === LARGEST_BLOCK ? this.shorten(number) : (this.longRange(number).addresses[0] ?? 0);
    } else {
      const position = this.pages.lowerBound(start, count, posting);
      if (position === count || !this.isAt(start + position, posting)) return false;
      words[at] = this.removeShort(start, count, position);
    }
    words[at + 1] = count - 1;
    return true;
  }

  /** The blocks of a range in order, for walks outside the hot path. */
  *blocks(words: Uint32Array, at: number): Generator<{ readonly address: number; readonly count: number }> {
    const count = words[at + 1] ?? 0;
    if (count === 0) return;
    if (count <= LARGEST_BLOCK) {
      yield { address: words[at] ?? 0, count };
      return;
    }
    const { addresses, counts } = this.longRange(words[at + 2] ?? 0);
    for (let place = 0; place < addresses.length; place += 1) {
      yield { address: addresses[place] ?? 0, count: counts[place] ?? 0 };
    }
  }

  /** Blocks of a range of more than `LARGEST_BLOCK` postings. */
  longRange(start: number): LongRange {
    const range = this.long[start];
    if (range === undefined) throw new RangeError('no such range of postings');
    return range;
  }

  private insertShort(address: number, count: number, posting: Posting): number {
    const position = this.pages.lowerBound(address, count, posting);
    if (count > 0 && classFor(count + 1) === classFor(count)) {
      this.pages.shiftIn(address, count, position, posting);
      return address;
    }
    const target = this.pages.allocate(count + 1);
    if (count > 0) {
      this.pages.copy(address, target, count);
      this.pages.release(address, count);
    }
    this.pages.shiftIn(target, count, position, posting);
    return target;
  }

  private removeShort(address: number, count: number, position: number): number {
    this.pages.shiftOut(address, count, position);
    const left = count - 1;
    if (left > 0 && classFor(left) === classFor(count)) return address;
    const target = left === 0 ? 0 : this.pages.allocate(left);
    if (left > 0) this.pages.copy(address, target, left);
    this.pages.release(address, count);
    return target;
  }

  private insertLong(start: number, posting: Posting): void {
    const { addresses, counts } = this.longRange(start);
    let place = Math.min(this.blockFor(start, posting), addresses.length - 1);
    if (counts[place] === LARGEST_BLOCK) {
      const half = LARGEST_BLOCK / 2;
      const target = this.pages.allocate(LARGEST_BLOCK);
      this.pages.copy((addresses[place] ?? 0) + half, target, half);
      this.pages.clear((addresses[place] ?? 0) + half, half);
      this.pages.clear(target + half, half);
      addresses.splice(place + 1, 0, target);
      counts.splice(place, 1, half, half);
      if (this.pages.isBefore(target, posting)) place += 1;
    }
    const [address, count] = [addresses[place] ?? 0, counts[place] ?? 0];
    this.pages.shiftIn(address, count, this.pages.lowerBound(address, count, posting), posting);
    counts[place] = count + 1;
  }

  private removeLong(start: number, posting: PostingKey): boolean {
    const { addresses, counts } = this.longRange(start);
    const place = this.blockFor(start, posting);
    const [address, count] = [addresses[place], counts[place] ?? 0];
    if (address === undefined) return false;
    const position = this.pages.lowerBound(address, count, posting);
    if (position === count || !this.isAt(address + position, posting)) return false;
    this.pages.shiftOut(address, count, position);
    counts[place] = count - 1;
    this.mergeWithNext(start, counts[place] === 0 && place > 0 ? place - 1 : place);
    return true;
  }

  private mergeWithNext(start: number, place: number): void {
    const { addresses, counts } = this.longRange(start);
    const [into, from] = [addresses[place], addresses[place + 1]];
    const [kept, moved] = [counts[place] ?? 0, counts[place + 1] ?? 0];
    if (into === undefined || from === undefined || (kept + moved > MERGE_BELOW && moved > 0)) return;
    this.pages.copy(from, into + kept, moved);
    this.pages.release(from, LARGEST_BLOCK);
    addresses.splice(place + 1, 1);
    counts.splice(place, 2, kept + moved);
  }

  /** First block whose last posting is not before this one; the number of blocks when there is none. */
  private blockFor(start: number, posting: PostingKey): number {
    const { addresses, counts } = this.longRange(start);
    let low = 0;
    let high = addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = (addresses[middle] ?? 0) + (counts[middle] ?? 0) - 1;
      if (this.pages.isBefore(last, posting)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private lengthen(address: number): number {
    const number = this.freeNumbers.pop() ?? this.long.length;
    this.long[number] = { addresses: [address], counts: [LARGEST_BLOCK] };
    return number;
  }

  private shorten(start: number): number {
    const { addresses, counts } = this.longRange(start);
    const target = this.pages.allocate(LARGEST_BLOCK);
    let filled = 0;
    addresses.forEach((address, place) => {
      this.pages.copy(address, target + filled, counts[place] ?? 0);
      filled += counts[place] ?? 0;
      this.pages.release(address, LARGEST_BLOCK);
    });
    this.long[start] = undefined;
    this.freeNumbers.push(start);
    return target;
  }

  private isAt(address: number, posting: PostingKey): boolean {
    const { pages } = this;
    return (
      pages.thresholdAt(address) === posting.threshold &&
      pages.ownerAt(address) === posting.owner &&
      pages.wishAt(address) === posting.subscription
    );
  }
}
