import type { World } from '../kernel/world';

/** SQLSTATE `lock_not_available`. */
export class LockTimeoutError extends Error {
  readonly code = '55P03';
  constructor(key: string) {
    super(`waited too long for ${key}`);
    this.name = 'LockTimeoutError';
  }
}

/** Same as the connections' `lock_timeout`. */
const LOCK_TIMEOUT_MS = 3_000;
/** Same as `idle_in_transaction_session_timeout`. */
const IDLE_TIMEOUT_MS = 10_000;

/** Rows locked until its end, and writes invisible to others until the commit. A single statement is its own transaction. */
export class Transaction {
  isOpen = true;
  readonly held = new Set<string>();
  /** Executions that it ended; their slots are free for its own. */
  readonly ended = new Set<string>();
  readonly #writes: (() => void)[] = [];
  readonly #undo: (() => void)[] = [];
  #activity = 0;

  /** Actions to run at the commit. */
  write(action: () => void): void {
    this.#writes.push(action);
  }

  /** Undo actions, run on rollback. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Rolls the transaction back when its client goes silent. */
  watch(world: World, rollback: () => void): void {
    const activity = (this.#activity += 1);
    world.at(IDLE_TIMEOUT_MS, () => {
      if (this.isOpen && activity === this.#activity) rollback();
    });
  }

  end(how: 'commit' | 'rollback'): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const action of how === 'commit' ? this.#writes : this.#undo.reverse()) action();
  }
}

interface Waiter {
  readonly transaction: Transaction;
  readonly keys: readonly string[];
  readonly granted: () => void;
  isDone: boolean;
}

/** Row locks, granted in request order. */
export class LockTable {
  readonly #world: World;
  readonly #holders = new Map<string, Transaction>();
  #waiters: Waiter[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  isTaken(key: string, by: Transaction): boolean {
    return (this.#holders.get(key) ?? by) !== by;
  }

  /** Continues at once, or when all of the rows are free. */
  acquire(
    transaction: Transaction,
    keys: readonly string[],
    granted: () => void,
    failed: (error: Error) => void,
  ): void {
    const waiter = { transaction, keys, granted, isDone: false };
    if (this.#grant(waiter)) return;
    this.#world.log(`waits for ${keys.find((key) => this.isTaken(key, transaction))}`);
    this.#waiters.push(waiter);
    this.#world.at(LOCK_TIMEOUT_MS, () => {
      if (waiter.isDone) return;
      waiter.isDone = true;
      failed(new LockTimeoutError(keys[0] ?? ''));
    });
  }

  take(transaction: Transaction, key: string): void {
    this.#holders.set(key, transaction);
    transaction.held.add(key);
  }

  release(transaction: Transaction): void {
    for (const key of transaction.held) this.#holders.delete(key);
    transaction.held.clear();
    for (const waiter of this.#waiters) this.#grant(waiter);
    this.#waiters = this.#waiters.filter(({ isDone }) => !isDone);
  }

  #grant(waiter: Waiter): boolean {
    const { transaction, keys } = waiter;
    if (!waiter.isDone && !transaction.isOpen) {
      // The transaction was rolled back while it waited.
      waiter.isDone = true;
      waiter.granted();
      return true;
    }
    if (waiter.isDone || keys.some((key) => this.isTaken(key, transaction))) return false;
    waiter.isDone = true;
    for (const key of keys) this.take(transaction, key);
    waiter.granted();
    return true;
  }
}
