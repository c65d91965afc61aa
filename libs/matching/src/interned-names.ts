/** Small numbers for names, with reference counts. The number of an unused name is freed. */
export class InternedNames {
  private readonly ids = new Map<string, number>();
  private readonly names: (string | undefined)[] = [];
  private readonly uses: number[] = [];
  private readonly free: number[] = [];

  /** Number of names in use. */
  get size(): number {
    return this.ids.size;
  }

  idOf(name: string): number | undefined {
    return this.ids.get(name);
  }

  nameOf(id: number): string | undefined {
    return this.names[id];
  }

  /** The name's number; a new name gets a free one. Pair each call with one `release`. */
  acquire(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.free.pop() ?? this.names.length;
      this.ids.set(name, id);
      this.names[id] = name;
      this.uses[id] = 0;
    }
    this.uses[id] = (this.uses[id] ?? 0) + 1;
    return id;
  }

  /** True when the name is no longer used. */
  release(id: number): boolean {
    const left = (this.uses[id] ?? 0) - 1;
    this.uses[id] = left;
    if (left > 0) return false;
    const name = this.names[id];
    if (name !== undefined) this.ids.delete(name);
    this.names[id] = undefined;
    this.free.push(id);
    return true;
  }
}
