import type { CheckId } from '@tripline/audit';
import { HONEST_WIRING } from '../honest-wiring';
import { Postgres, type PostgresOptions, type Stores } from '../model/postgres';
import { unfinishedRuns } from '../model/tables';
import type { ConsumerSettings, System, Wiring } from '../system';
import { notifyingBeforeCommit } from './notify-before-commit';
import { orderIdsPerAttempt } from './order-ids-per-attempt';

/** A bug, its wiring, and the checks. At least one of the checks must find it. */
export interface PlantedBug {
  readonly name: string;
  readonly wiring: Wiring;
  readonly foundBy: readonly CheckId[];
}

const plant = (change: Partial<Wiring>): Wiring => ({ ...HONEST_WIRING, ...change });

const consumer = (change: Partial<ConsumerSettings>): Wiring =>
  plant({ consumer: { ...HONEST_WIRING.consumer, ...change } });

const postgres = (options: PostgresOptions): Wiring =>
  plant({ createPostgres: (world, server) => new Postgres(world, server, options) });

/** The real stores, changed for one process. */
const stores = (change: (stores: Stores, system: System) => Partial<Stores>): Wiring =>
  plant({
    storesOf: (system, process, onPromoted) => {
      const honest = HONEST_WIRING.storesOf(system, process, onPromoted);
      return { ...honest, ...change(honest, system) };
    },
  });

/** The twelve bugs of `reliability.md` §4.1. They exist only in the simulation: production code has no switches for them. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  { name: 'offsets are committed before the transaction', wiring: consumer({ commitFirst: true }), foundBy: ['A2'] },
  {
    name: 'the unique index one_active is dropped, together with the locks that would hide the bug',
    wiring: postgres({ hasWall: false, hasDecisionLocks: false }),
    foundBy: ['A3'],
  },
  {
    name: 'jobs have random ids',
    wiring: plant({ jobIdOf: ({ executionId, generation }) => `${generation}${executionId.slice(1)}` }),
    foundBy: ['A5'],
  },
  {
    name: 'the sweeper adds the same generation again',
    wiring: postgres({ hasGenerations: false }),
    foundBy: ['A5'],
  },
  { name: 'writes are not checked against the lease', wiring: postgres({ isFenced: false }), foundBy: ['A7'] },
  {
    name: 'every attempt has its own client order id',
    wiring: stores(({ executions }) => ({ executions: orderIdsPerAttempt(executions) })),
    foundBy: ['A4'],
  },
  { name: 'eachBatchAutoResolve is true', wiring: consumer({ autoResolve: true }), foundBy: ['A2'] },
  { name: 'fromBeginning is false', wiring: consumer({ fromBeginning: false }), foundBy: ['A2', 'A6'] },
  {
    name: 'a pipeline believed to be active is skipped without a decision',
    wiring: plant({ isLeftOut: ({ postgres: { tables } }, id) => unfinishedRuns(tables, id).length > 0 }),
    foundBy: ['A2'],
  },
  {
    name: 'dead records are swallowed',
    wiring: stores(({ decisions }) => ({
      decisions: { ...decisions, decideChunk: (chunk) => decisions.decideChunk({ ...chunk, deadSignals: [] }) },
    })),
    foundBy: ['A6'],
  },
  { name: 'the sweeper is off', wiring: plant({ hasSweeper: false }), foundBy: ['A5'] },
  {
    name: 'notifications go out before the commit',
    wiring: plant({
      storesOf: (system, process, onPromoted) => {
        const honest = HONEST_WIRING.storesOf(system, process, onPromoted);
        return { ...honest, executions: notifyingBeforeCommit(system, process, honest.executions) };
      },
    }),
    foundBy: ['N1'],
  },
];

/** Not a bug: removes the locks of the deciding transaction; the unique index alone must suffice. */
export const WALL_WITHOUT_LOCKS: Wiring = postgres({ hasDecisionLocks: false });
