import { ShardedNumbers } from './sharded-numbers';

const NONE = 0xffff_ffff;

/**
 * The pipelines of each user, by their numbers in an index: linked lists in two arrays. For most users, a list object
 * would take more memory than their pipelines.
 */
export class OwnerChains {
  private readonly heads = new ShardedNumbers();
  private next = new Uint32Array(1024);
  private previous = new Uint32Array(1024);

  add(userId: string, number: number): void {
    if (number >= this.next.length) {
      this.next = larger(this.next, number);
      this.previous = larger(this.previous, number);
    }
    const head = this.heads.get(userId) ?? NONE;
    this.next[number] = head;
    this.previous[number] = NONE;
    if (head !== NONE) this.previous[head] = number;
    this.heads.set(userId, number);
  }

  /** @param userId the one the number was added with */
  delete(userId: string, number: number): void {
    const [after, before] = [this.next[number] ?? NONE, this.previous[number] ?? NONE];
    if (after !== NONE) this.previous[after] = before;
    if (before !== NONE) this.next[before] = after;
    else if (after !== NONE) this.heads.set(userId, after);
    else this.heads.delete(userId);
  }

  /** The numbers of a user's pipelines, in no particular order. */
  *of(userId: string): Generator<number> {
    for (let at = this.heads.get(userId) ?? NONE; at !== NONE; at = this.next[at] ?? NONE) yield at;
  }
}

function larger(array: Uint32Array, number: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.max(array.length * 2, number + 1));
  grown.set(array);
  return grown;
}
