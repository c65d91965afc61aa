/** Words of an entry: ticker + 1 (0: free), type, source, unused, then the three words of the range of each direction. */
export const ENTRY_WORDS = 16;
const ENTRY_BITS = 4;
const RANGES_AT = 4;
/** Start, count and number; see `PostingRanges`. */
const RANGE_WORDS = 3;
/** 31 bits: a number that V8 keeps in a register. */
const HASH_BITS = 31;
const SHARD_BITS = 6;
const SHARDS = 1 << SHARD_BITS;
const FIRST_CAPACITY = 4;
/** A shard grows when more than three quarters of it are taken. */
const fits = (used: number, capacity: number): boolean => used * 4 <= capacity * 3;

/** Type or source 0: any. */
export const ANY = 0;

/** Where an entry is: the shard's words and the position of the entry's first one; valid until the table changes. */
export interface Located {
  readonly words: Uint32Array;
  readonly at: number;
}

/**
 * (ticker, signal type, source) → the ranges of postings of each direction, as a hash table of numbers. An entry is one
 * processor cache line, found without following pointers. The table consists of shards that grow independently, so no
 * change moves more than a small part of it.
 */
export class RangeTable {
  private readonly shards: Uint32Array[] = Array.from(
    { length: SHARDS },
    () => new Uint32Array(FIRST_CAPACITY * ENTRY_WORDS),
  );
  private readonly used = new Uint32Array(SHARDS);

  /** Number of entries. */
  get size(): number {
    return this.used.reduce((sum, used) => sum + used, 0);
  }

  /** Memory of the table, bytes. */
  get bytes(): number {
    return this.shards.reduce((sum, words) => sum + words.byteLength, 0);
  }

  /** The words of the shard a key belongs to. */
  shardOf(hash: number): Uint32Array {
    return this.shards[hash >>> (HASH_BITS - SHARD_BITS)] as Uint32Array;
  }

  /** The entry of a key, created when it is new. */
  locate(ticker: number, type: number, source: number): Located {
    const hash = hashOf(ticker, type, source);
    const found = findEntry(this.shardOf(hash), hash, ticker, type, source);
    if (found >= 0) return { words: this.shardOf(hash), at: found };
    const shard = hash >>> (HASH_BITS - SHARD_BITS);
    const used = (this.used[shard] ?? 0) + 1;
    this.used[shard] = used;
    let words = this.shardOf(hash);
    if (!fits(used, words.length / ENTRY_WORDS)) this.shards[shard] = words = grown(words);
    const at = freeEntry(words, hash);
    words[at] = ticker + 1;
    words[at + 1] = type;
    words[at + 2] = source;
    return { words, at };
  }

  /** Deletes an entry without postings, closing the gap so that those after it are still found. */
  delete(ticker: number, type: number, source: number): void {
    const hash = hashOf(ticker, type, source);
    const words = this.shardOf(hash);
    let hole = findEntry(words, hash, ticker, type, source);
    if (hole < 0) return;
    const shard = hash >>> (HASH_BITS - SHARD_BITS);
    this.used[shard] = (this.used[shard] ?? 1) - 1;
    const last = words.length - 1;
    for (let at = (hole + ENTRY_WORDS) & last; words[at] !== 0; at = (at + ENTRY_WORDS) & last) {
      const home = homeOf(words, hashAt(words, at));
      if (((at - home) & last) < ((at - hole) & last)) continue;
      words.copyWithin(hole, at, at + ENTRY_WORDS);
      hole = at;
    }
    words.fill(0, hole, hole + ENTRY_WORDS);
  }
}

/** Position of a direction's range within an entry; see `directionCode`. */
export function rangeAt(entry: number, direction: number): number {
  return entry + RANGES_AT + direction * RANGE_WORDS;
}

export function hashOf(ticker: number, type: number, source: number): number {
  let hash = Math.imul(ticker + 1, 0x9e3779b1) ^ Math.imul(type + 1, 0x85ebca6b) ^ Math.imul(source + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 1;
}

/** Position of a key's entry in its shard; -1 when there is none. */
export function findEntry(words: Uint32Array, hash: number, ticker: number, type: number, source: number): number {
  const last = words.length - 1;
  for (let at = homeOf(words, hash); ; at = (at + ENTRY_WORDS) & last) {
    const owner = words[at];
    if (owner === 0) return -1;
    if (owner === ticker + 1 && words[at + 1] === type && words[at + 2] === source) return at;
  }
}

function homeOf(words: Uint32Array, hash: number): number {
  return (hash << ENTRY_BITS) & (words.length - 1);
}

function hashAt(words: Uint32Array, at: number): number {
  return hashOf((words[at] ?? 0) - 1, words[at + 1] ?? 0, words[at + 2] ?? 0);
}

function freeEntry(words: Uint32Array, hash: number): number {
  let at = homeOf(words, hash);
  while (words[at] !== 0) at = (at + ENTRY_WORDS) & (words.length - 1);
  return at;
}

function grown(words: Uint32Array): Uint32Array {
  const larger = new Uint32Array(words.length * 2);
  for (let at = 0; at < words.length; at += ENTRY_WORDS) {
    if (words[at] !== 0) larger.set(words.subarray(at, at + ENTRY_WORDS), freeEntry(larger, hashAt(words, at)));
  }
  return larger;
}
