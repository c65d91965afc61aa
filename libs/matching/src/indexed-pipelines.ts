import type { Pipeline } from '@tripline/triggers';
import { ShardedNumbers } from './sharded-numbers';

const PAGE_BITS = 12;
const PAGE_SIZE = 1 << PAGE_BITS;
const LAST_ROUND = 0xffff_ffff;

/** The pipelines of an index by number and by id, with markers for those already seen while one signal is matched. */
export class IndexedPipelines {
  private readonly pages: (Pipeline | undefined)[][] = [];
  private readonly numbers = new ShardedNumbers();
  private readonly free: number[] = [];
  private nextNumber = 0;
  /** The round in which a pipeline was last marked. A new round invalidates all markers without clearing them. */
  private rounds = new Uint32Array(PAGE_SIZE);
  private slots = new Uint32Array(PAGE_SIZE);
  private round = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  numberOf(id: string): number | undefined {
    return this.numbers.get(id);
  }

  at(number: number): Pipeline | undefined {
    return this.pages[number >>> PAGE_BITS]?.[number & (PAGE_SIZE - 1)];
  }

  /** Adds a pipeline under a new number. */
  add(pipeline: Pipeline): number {
    const number = this.free.pop() ?? this.nextNumber++;
    let page = this.pages[number >>> PAGE_BITS];
    if (page === undefined) this.pages.push((page = new Array<Pipeline | undefined>(PAGE_SIZE).fill(undefined)));
    page[number & (PAGE_SIZE - 1)] = pipeline;
    this.numbers.set(pipeline.id, number);
    if (number >= this.rounds.length) {
      this.rounds = doubled(this.rounds);
      this.slots = doubled(this.slots);
    }
    this.count += 1;
    return number;
  }

  /** Replaces a pipeline by another version. */
  replace(pipeline: Pipeline, number: number): void {
    const page = this.pages[number >>> PAGE_BITS];
    if (page !== undefined) page[number & (PAGE_SIZE - 1)] = pipeline;
  }

  delete(pipeline: Pipeline, number: number): void {
    const page = this.pages[number >>> PAGE_BITS];
    if (page !== undefined) page[number & (PAGE_SIZE - 1)] = undefined;
    this.numbers.delete(pipeline.id);
    this.free.push(number);
    this.count -= 1;
  }

  /** Every indexed pipeline, in no particular order. */
  *all(): Generator<Pipeline> {
    for (const page of this.pages) {
      for (const pipeline of page) if (pipeline !== undefined) yield pipeline;
    }
  }

  /** Invalidates all markers. */
  startRound(): void {
    if (this.round === LAST_ROUND) {
      this.rounds.fill(0);
      this.round = 0;
    }
    this.round += 1;
  }

  /** Marks a pipeline with an index of the caller's. */
  mark(number: number, slot: number): void {
    this.rounds[number] = this.round;
    this.slots[number] = slot;
  }

  /** The index a pipeline was marked with in this round; -1 when it was not. */
  markOf(number: number): number {
    return this.rounds[number] === this.round ? (this.slots[number] ?? -1) : -1;
  }
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
