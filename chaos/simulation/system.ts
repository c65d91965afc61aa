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

/** How the consumer treats offsets; kafkajs has other defaults. */
export interface ConsumerSettings {
  readonly fromBeginning: boolean;
  /** Whether a batch whose handling ended early counts as handled and is committed. */
  readonly autoResolve: boolean;
  /** Whether offsets are committed before their records are decided. */
  readonly commitFirst: boolean;
}

/** How the parts are wired together. A planted bug is another wiring; production code has no trace of it. */
export interface Wiring {
  readonly consumer: ConsumerSettings;
  readonly hasSweeper: boolean;
  /** Null: the product's own job ids. */
  readonly jobIdOf: ((job: QueuedExecution) => string) | null;
  createPostgres(world: World, server: Server): Postgres;
  storesOf(system: System, process: SimProcess, onPromoted?: (runs: readonly DueExecution[]) => void): Stores;
  /** Drops matches of this pipeline before the decision. */
  isLeftOut(system: System, pipelineId: string): boolean;
}

/** All parts of one simulated system. */
export interface System {
  readonly world: World;
  readonly weather: Weather;
  readonly postgres: Postgres;
  readonly kafka: Kafka;
  readonly redis: RedisQueue;
  readonly broker: SimBroker;
  /** Receives notifications. */
  readonly webhook: Server;
  readonly wiring: Wiring;
  readonly published: PublishedSignal[];
  readonly notifications: NotificationRow[];
  /** Notified of changed pipelines, as by LISTEN. */
  readonly listeners: Set<() => void>;
}
