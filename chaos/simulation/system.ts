import type { QueuedExecution } from '@tripline/queue';
import type { DueExecution } from '@tripline/execution-store';

import type { NotificationRow, PublishedSignal } from '@tripline/audit';
import type { Server, Weather } from './kernel/server';
import type { SimProcess } from './kernel/sim-process';
import type { World } from './kernel/world';
import type { Kafka } from './model/kafka';
import type { Postgres, Stores } from './model/postgres';
import type { SimBroker } from './model/sim-broker';
import type { RedisQueue } from './model/redis-queue';

/** How the consumer treats offsets; the defaults of kafkajs are the other ones. */
export interface ConsumerSettings {
  readonly fromBeginning: boolean;
  /** A batch whose handling ended early counts as handled, and is committed. */
  readonly autoResolve: boolean;
  /** Offsets are committed before their records are decided. */
  readonly commitFirst: boolean;
}

/**
 * How the parts are put together. A planted bug is another wiring: production code knows nothing of it.
 */
export interface Wiring {
  readonly consumer: ConsumerSettings;
  readonly hasSweeper: boolean;
  /** Null: as the product names its jobs. */
  readonly jobIdOf: ((job: QueuedExecution) => string) | null;
  createPostgres(world: World, server: Server): Postgres;
  storesOf(system: System, process: SimProcess, onPromoted?: (runs: readonly DueExecution[]) => void): Stores;
  /** Matches of this pipeline are dropped before they are decided. */
  isLeftOut(system: System, pipelineId: string): boolean;
}

/** Everything of one simulated system. */
export interface System {
  readonly world: World;
  readonly weather: Weather;
  readonly postgres: Postgres;
  readonly kafka: Kafka;
  readonly redis: RedisQueue;
  readonly broker: SimBroker;
  /** Where notifications go. */
  readonly webhook: Server;
  readonly wiring: Wiring;
  readonly published: PublishedSignal[];
  readonly notifications: NotificationRow[];
  /** Told of changed pipelines, as by LISTEN. */
  readonly listeners: Set<() => void>;
}
