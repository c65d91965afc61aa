import { type Database, DatabaseUnavailableError } from '@tripline/database';
import { createDecisionStore, createRuleStore, type DecisionStore, type RuleStore } from '@tripline/decision-store';
import {
  createExecutionStore,
  createSweepStore,
  type DueExecution,
  type ExecutionStore,
  type SweepStore,
} from '@tripline/execution-store';
import { createIntentStore, type IntentStore } from '@tripline/trading-store';

import { classifyError } from '../../../libs/database/src/connection/classify-error';
import { Connection, type Finish, type Server } from '../kernel/server';
import type { SimProcess } from '../kernel/sim-process';
import type { World } from '../kernel/world';
import { STATEMENTS } from './statement-table';
import type { Rows } from './statements';
import { Tables } from './tables';
import { LockTable, Transaction } from './transactions';

/** Same as `DATABASE_RETRY_DEADLINE_MS`. */
const RETRY_DEADLINE_MS = 10_000;
const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 1_000;

/** The stores of one process: the real ones, on a modelled database. */
export interface Stores {
  readonly decisions: DecisionStore;
  readonly executions: ExecutionStore;
  readonly sweeps: SweepStore;
  readonly intents: IntentStore;
  readonly rules: RuleStore;
  /** Runs one of the simulation's own statements; repeats it if its answer is lost. */
  retry<T>(label: string, effect: (attempt: number) => T): Promise<T>;
}

/** Switches for planted bugs; everything is on by default. */
export interface PostgresOptions {
  /** Whether workers' writes are checked against their lease. */
  readonly isFenced?: boolean;
  /** Whether the unique index of active executions exists. */
  readonly hasWall?: boolean;
  /** Whether decisions lock the pipelines and quotas they depend on. */
  readonly hasDecisionLocks?: boolean;
  /** Whether the sweeper increments the generation of an execution that needs another job. */
  readonly hasGenerations?: boolean;
}

type Statement = Parameters<Database['query']>[0];

/** PostgreSQL: one state, one clock, row locks, and all statements that processes may send. */
export class Postgres {
  readonly server: Server;
  readonly tables = new Tables();
  /** Statements without a model. If there are any, the simulation's result is invalid. */
  readonly unmodelled = new Set<string>();
  readonly #world: World;
  readonly #options: PostgresOptions;
  readonly #locks: LockTable;
  readonly #open = new Set<Transaction>();

  constructor(world: World, server: Server, options: PostgresOptions = {}) {
    this.#world = world;
    this.server = server;
    this.#options = options;
    this.#locks = new LockTable(world);
    server.onBroken = () => {
      for (const transaction of [...this.#open]) this.#end(transaction, 'rollback');
    };
  }

  storesOf(process: SimProcess, onPromoted: (runs: readonly DueExecution[]) => void = () => undefined): Stores {
    const database = this.#databaseOf(process);
    return {
      retry: (label, effect) =>
        retryTransient(process, (attempt) => this.server.call(process, label, () => effect(attempt))),
      decisions: createDecisionStore(database),
      executions: createExecutionStore(database, { onPromoted }),
      sweeps: createSweepStore(database),
      intents: createIntentStore(database),
      rules: createRuleStore(database),
    };
  }

  /** Whether a transaction has locked the row. Code that changes the tables directly must then try again later. */
  isLocked(key: string): boolean {
    return this.#locks.isTaken(key, new Transaction());
  }

  #databaseOf(process: SimProcess): Database {
    const single = async (statement: Statement, values: readonly unknown[] = []): Promise<Rows | number> => {
      const transaction = new Transaction();
      return this.#send(process, statement.name ?? 'unnamed', values, transaction, null);
    };
    const database = {
      observer: {},
      query: single,
      execute: single,
      retry: <T>(work: (attempt: number) => Promise<T>, options?: { readonly deadlineMs?: number }) =>
        retryTransient(process, work, options?.deadlineMs),
      withTransaction: <T>(work: (transaction: Pick<Database, 'query' | 'execute'>) => Promise<T>) =>
        retryTransient(process, () => this.#transact(process, work)),
    };
    return database as unknown as Database;
  }

  async #transact<T>(
    process: SimProcess,
    work: (transaction: Pick<Database, 'query' | 'execute'>) => Promise<T>,
  ): Promise<T> {
    const transaction = new Transaction();
    const rollback = (): void => this.#end(transaction, 'rollback');
    const connection = new Connection(rollback);
    this.#open.add(transaction);
    process.onEnd(() => connection.break());
    let hasEnded = false;
    const send = async (statement: Statement, values: readonly unknown[] = []): Promise<never> => {
      if (hasEnded) throw new Error('the transaction has ended');
      const rows = await this.#send(process, statement.name ?? 'unnamed', values, transaction, connection);
      return rows as never;
    };
    try {
      const result = await work({ query: send, execute: send });
      hasEnded = true;
      await this.server.send(
        process,
        'COMMIT',
        (finish: Finish<void>) => this.#commit(transaction, finish),
        connection,
      );
      return result;
    } catch (error) {
      hasEnded = true;
      rollback();
      throw error;
    }
  }

  #commit(transaction: Transaction, finish: Finish<void>): void {
    if (!transaction.isOpen) return finish({ error: new Error('there is no transaction in progress') });
    this.#end(transaction, 'commit');
    finish({ value: undefined });
  }

  /** Runs one statement. If it waits for row locks, all later statements on the connection wait too. */
  #send(
    process: SimProcess,
    name: string,
    values: readonly unknown[],
    transaction: Transaction,
    connection: Connection | null,
  ): Promise<Rows | number> {
    const model = STATEMENTS[name];
    if (model === undefined) {
      this.unmodelled.add(name);
      throw new Error(`the simulation has no model of the statement ${name}`);
    }
    const isSingle = connection === null;
    const run = (finish: Finish<Rows | number>): void => {
      if (!transaction.isOpen) return finish({ error: new Error('current transaction is aborted') });
      try {
        const value = model.run(this.#context(transaction), values);
        if (isSingle) this.#end(transaction, 'commit');
        else transaction.watch(this.#world, () => this.#end(transaction, 'rollback'));
        finish({ value });
      } catch (error) {
        this.#end(transaction, 'rollback');
        finish({ error });
      }
    };
    return this.server.send(
      process,
      name,
      (finish: Finish<Rows | number>) => {
        const keys = (model.locks?.(this.tables, values) ?? []).filter((key) => this.#isLocked(key));
        this.#locks.acquire(
          transaction,
          keys,
          () => run(finish),
          (error) => {
            this.#end(transaction, 'rollback');
            finish({ error });
          },
        );
      },
      connection,
    );
  }

  #context(transaction: Transaction) {
    return {
      tables: this.tables,
      now: this.#world.now,
      world: this.#world,
      isFenced: this.#options.isFenced ?? true,
      hasWall: this.#options.hasWall ?? true,
      hasGenerations: this.#options.hasGenerations ?? true,
      transaction,
      isTaken: (key: string) => this.#locks.isTaken(key, transaction),
      take: (key: string) => this.#locks.take(transaction, key),
    };
  }

  #isLocked(key: string): boolean {
    const { hasDecisionLocks = true, hasWall = true } = this.#options;
    if (key.startsWith('place ')) return hasWall;
    return hasDecisionLocks || !(key.startsWith('pipeline ') || key.startsWith('quota '));
  }

  #end(transaction: Transaction, how: 'commit' | 'rollback'): void {
    if (!transaction.isOpen) return;
    transaction.end(how);
    this.#open.delete(transaction);
    this.#locks.release(transaction);
  }
}

/** Like the database's `retryTransient`, without its jitter: randomness belongs to the network model. */
async function retryTransient<T>(
  process: SimProcess,
  work: (attempt: number) => Promise<T>,
  deadlineMs = RETRY_DEADLINE_MS,
): Promise<T> {
  const giveUpAt = process.monotonicMs() + deadlineMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!classifyError(error).retryable) throw error;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
      if (process.monotonicMs() + delayMs >= giveUpAt) throw new DatabaseUnavailableError(attempt, { cause: error });
      await process.sleep(delayMs);
    }
  }
}
