/** A power of two. A map grows by rehashing all of it: many small maps never pause for long. */
const SHARDS = 64;

/** Numbers by id, for very many ids. */
export class ShardedNumbers {
  private readonly shards: Map<string, number>[] = Array.from({ length: SHARDS }, () => new Map<string, number>());

  get(id: string): number | undefined {
    return this.shardOf(id).get(id);
  }

  set(id: string, number: number): void {
    this.shardOf(id).set(id, number);
  }

  delete(id: string): void {
    this.shardOf(id).delete(id);
  }

  private shardOf(id: string): Map<string, number> {
    const shard = (id.charCodeAt(0) * 31 + id.charCodeAt(id.length - 1)) & (SHARDS - 1);
    return this.shards[shard] as Map<string, number>;
  }
}
