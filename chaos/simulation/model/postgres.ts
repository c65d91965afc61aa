import {
  createExecutionStore,
  createSweepStore,
  type Database,
  DatabaseUnavailableError,
  type DecisionStore,
  type DueExecution,
  type ExecutionStore,
  type SweepStore,
} from '@tripline/persistence';

import { ConnectionLostError, type Server } from '../kernel/server';
import type { SimProcess } from '../kernel/sim-process';
import { claimRuns } from './claim-statement';
import { decideChunk, decideTriggers, markEnqueued, WallError } from './decision-model';
import { checkpointRun, endRuns, explainRuns, releaseRun, renewRuns } from './ending-statements';
import type { Rows, StatementModel } from './statements';
import {
  expireWaiting,
  findFreePlaces,
  lockPipelines,
  promoteWaiting,
  sweepPending,
  sweepRunning,
} from './sweep-statements';
import { Tables } from './tables';

/** As `DATABASE_RETRY_DEADLINE_MS`. */
const RETRY_DEADLINE_MS = 10_000;
const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 1_000;

/** By the names the stores give their statements. One that is missing here must be modelled before it can be simulated. */
const STATEMENTS: Readonly<Record<string, StatementModel>> = {
  'executions-claim': claimRuns,
  'executions-end': endRuns,
  'executions-explain': explainRuns,
  'executions-renew': renewRuns,
  'execution-checkpoint': checkpointRun,
  'execution-release': releaseRun,
  'sweep-running': sweepRunning,
  'sweep-pending': sweepPending,
  'sweep-expire-waiting': expireWaiting,
  'sweep-free-places': findFreePlaces,
  'sweep-lock-pipelines': lockPipelines,
  'sweep-promote': promoteWaiting,
};

/** The stores as one process sees them: the real ones, on a database that is a model. */
export interface Stores {
  readonly decisions: DecisionStore;
  readonly executions: ExecutionStore;
  readonly sweeps: SweepStore;
  /** One statement or transaction, repeated when its answer is lost. */
  retry<T>(label: string, effect: (attempt: number) => T): Promise<T>;
}

/** PostgreSQL: one state, one clock, row locks, and what every process may ask of it. */
export class Postgres {
  readonly server: Server;
  readonly tables = new Tables();
  readonly now: () => number;
  readonly #isFenced: boolean;
  /** Locked rows, with the transaction that holds each. */
  readonly #locks = new Map<string, object>();

  constructor(server: Server, now: () => number, options: { readonly isFenced?: boolean } = {}) {
    this.server = server;
    this.now = now;
    this.#isFenced = options.isFenced ?? true;
  }

  storesOf(process: SimProcess, onPromoted: (runs: readonly DueExecution[]) => void = () => undefined): Stores {
    const { tables, now } = this;
    const database = this.#databaseOf(process);
    const retry = async <T>(label: string, effect: (attempt: number) => T): Promise<T> =>
      retryTransient(process, (attempt) => this.server.call(process, label, () => effect(attempt)));
    return {
      retry,
      decisions: {
        decideChunk: (chunk) =>
          retry(`decide ${chunk.partition}:..${chunk.nextOffset}`, () => decideChunk(tables, now(), chunk)),
        decideTriggers: (triggers) => retry('decide triggers', () => decideTriggers(tables, now(), triggers)),
        markEnqueued: (jobs) => retry(`mark ${jobs.length}`, () => markEnqueued(tables, now(), jobs)),
      },
      executions: createExecutionStore(database, { onPromoted }),
      sweeps: createSweepStore(database),
    };
  }

  #databaseOf(process: SimProcess): Database {
    const query = (statement: { readonly name?: string }, values: readonly unknown[] = [], holder: object = {}) =>
      this.server.call(process, statement.name ?? 'unnamed', () => this.#execute(statement.name ?? '', values, holder));
    const database = {
      observer: {},
      query: (statement: { readonly name?: string }, values?: readonly unknown[]) => query(statement, values),
      retry: <T>(work: (attempt: number) => Promise<T>) => retryTransient(process, work),
      withTransaction: <T>(work: (transaction: Pick<Database, 'query'>) => Promise<T>) =>
        retryTransient(process, async () => {
          const holder = {};
          try {
            return await work({
              query: (statement, values) => query(statement, values, holder) as never,
            });
          } finally {
            this.#release(holder);
          }
        }),
    };
    return database as unknown as Database;
  }

  #execute(name: string, values: readonly unknown[], holder: object): Rows {
    const model = STATEMENTS[name];
    if (model === undefined) throw new Error(`the simulation has no model of the statement ${name}`);
    const locks = {
      isTaken: (key: string) => (this.#locks.get(key) ?? holder) !== holder,
      take: (key: string) => void this.#locks.set(key, holder),
    };
    return model({ tables: this.tables, now: this.now(), isFenced: this.#isFenced, locks }, values);
  }

  #release(holder: object): void {
    for (const [key, owner] of this.#locks) if (owner === holder) this.#locks.delete(key);
  }
}

/** As `retryTransient` of the database; the jitter is left out, for chance is the network's. */
async function retryTransient<T>(process: SimProcess, work: (attempt: number) => Promise<T>): Promise<T> {
  const giveUpAt = process.monotonicMs() + RETRY_DEADLINE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!isTransient(error)) throw error;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
      if (process.monotonicMs() + delayMs >= giveUpAt) throw new DatabaseUnavailableError(attempt, { cause: error });
      await process.sleep(delayMs);
    }
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionLostError || error instanceof WallError) return true;
  return error instanceof Error && error.name === 'ConcurrentChangeError';
}
