import type { DecisionStore, ExecutionStore, SweepStore } from '@tripline/persistence';
import { DatabaseUnavailableError } from '@tripline/persistence';

import { ConnectionLostError, type Server } from '../kernel/server';
import type { SimProcess } from '../kernel/sim-process';
import { decideChunk, decideTriggers, markEnqueued, WallError } from './decision-model';
import { ExecutionModel } from './execution-model';
import { endRunning, requeuePending } from './sweep-model';
import { Tables } from './tables';

/** As `DATABASE_RETRY_DEADLINE_MS`. */
const RETRY_DEADLINE_MS = 10_000;
const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 1_000;

/** The stores as one process sees them: over the network, with the retries of the real ones. */
export interface Stores {
  readonly decisions: DecisionStore;
  readonly executions: Pick<
    ExecutionStore,
    'claim' | 'renew' | 'checkpoint' | 'submitToPaperBroker' | 'finish' | 'release'
  >;
  readonly sweeps: SweepStore;
  /** One statement or transaction, repeated when its answer is lost. */
  retry<T>(label: string, effect: (attempt: number) => T): Promise<T>;
}

/** PostgreSQL: one state, one clock, and what every process may ask of it. */
export class Postgres {
  readonly server: Server;
  readonly tables = new Tables();
  readonly runs: ExecutionModel;
  readonly now: () => number;

  constructor(server: Server, now: () => number) {
    this.server = server;
    this.now = now;
    this.runs = new ExecutionModel(this.tables, now);
  }

  storesOf(process: SimProcess): Stores {
    const { tables, now, runs } = this;
    const once = <T>(label: string, effect: () => T): Promise<T> => this.server.call(process, label, effect);
    const retry = async <T>(label: string, effect: (attempt: number) => T): Promise<T> =>
      retryTransient(process, (attempt) => once(label, () => effect(attempt)));
    return {
      retry,
      decisions: {
        decideChunk: (chunk) =>
          retry(`decide ${chunk.partition}:..${chunk.nextOffset}`, () => decideChunk(tables, now(), chunk)),
        decideTriggers: (triggers) => retry('decide triggers', () => decideTriggers(tables, now(), triggers)),
        markEnqueued: (jobs) => retry(`mark ${jobs.length}`, () => markEnqueued(tables, now(), jobs)),
      },
      executions: {
        claim: (id, generation, options) =>
          retry(`claim ${id.slice(0, 8)}#${generation}`, () => runs.claim(id, generation, options)),
        renew: (lease, leaseMs) => retry(`renew ${lease.executionId.slice(0, 8)}`, () => runs.renew(lease, leaseMs)),
        checkpoint: (checkpoint) =>
          retry(`checkpoint ${checkpoint.executionId.slice(0, 8)}`, () => runs.checkpoint(checkpoint)),
        submitToPaperBroker: (submission) =>
          retry(`submit ${submission.executionId.slice(0, 8)}`, (attempt) => runs.submit(submission, attempt)),
        finish: (ending) =>
          retry(`finish ${ending.executionId.slice(0, 8)}`, (attempt) => runs.finish(ending, attempt)),
        release: (lease) => retry(`release ${lease.executionId.slice(0, 8)}`, () => runs.release(lease)),
      },
      sweeps: {
        sweep: async (limits = {}) => {
          // Two statements, neither of them retried: what a lost answer hides is found by the next sweep.
          const ended = await once('sweep running', () => endRunning(tables, now(), limits));
          const pending = await once('sweep pending', () => requeuePending(tables, now(), limits));
          return { ...ended, requeue: [...ended.requeue, ...pending] };
        },
      },
    };
  }
}

/** As `retryTransient` of the database; the jitter is left out, for chance is the network's. */
async function retryTransient<T>(process: SimProcess, work: (attempt: number) => Promise<T>): Promise<T> {
  const giveUpAt = process.monotonicMs() + RETRY_DEADLINE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof ConnectionLostError || error instanceof WallError)) throw error;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
      if (process.monotonicMs() + delayMs >= giveUpAt) throw new DatabaseUnavailableError(attempt, { cause: error });
      await process.sleep(delayMs);
    }
  }
}
