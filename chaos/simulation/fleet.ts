import { startDispatcher } from './actors/dispatcher';
import { type PlannedRecord, startGenerator, type Watermark } from './actors/generator';
import { startNotifier } from './actors/notifier';
import { startWorker } from './actors/worker';
import type { Random } from './kernel/random';
import { SimProcess } from './kernel/sim-process';
import type { System } from './system';

const ROLES = ['generator', 'dispatcher', 'dispatcher', 'worker', 'worker', 'notifier'] as const;
type Role = (typeof ROLES)[number];

interface Place {
  readonly role: Role;
  readonly name: string;
  launches: number;
  process: SimProcess;
  /** Asks the process to stop; null for a process that can only be killed. */
  stop: (() => void) | null;
}

/** Five minutes, fast or slow. */
const MAX_SKEW_MS = 300_000;
const WATCH_MS = 1_000;

/** The processes of the system, and the supervisor that restarts each one after it ends. */
export class Fleet {
  readonly watermark: Watermark = { done: 0 };
  readonly #system: System;
  readonly #plan: readonly PlannedRecord[];
  readonly #places: Place[] = [];

  constructor(system: System, plan: readonly PlannedRecord[]) {
    this.#system = system;
    this.#plan = plan;
  }

  start(): void {
    ROLES.forEach((role, index) => {
      const place = { role, name: `${role}-${index}`, launches: 0, process: null as never, stop: null };
      this.#places.push(place);
      this.#launch(place);
    });
    this.#watch();
  }

  processes(): SimProcess[] {
    return this.#places.map(({ process }) => process);
  }

  /** Sends SIGTERM to a random process that handles it. */
  stopOne(random: Random): void {
    const able = this.#places.filter(({ stop, process }) => stop !== null && process.isAlive);
    if (able.length === 0) return;
    const place = random.pick(able);
    this.#system.world.log(`stop ${place.process.name}`);
    place.stop?.();
  }

  /** Sends SIGTERM to this process if it handles it. */
  stop(process: SimProcess): void {
    const place = this.#places.find((candidate) => candidate.process === process);
    if (place?.stop == null) return;
    this.#system.world.log(`stop ${process.name}`);
    place.stop();
  }

  get isGeneratorDone(): boolean {
    return this.watermark.done >= this.#plan.length;
  }

  #watch(): void {
    const { world } = this.#system;
    world.at(WATCH_MS, () => {
      for (const place of this.#places) {
        if (place.process.isAlive || (place.role === 'generator' && this.isGeneratorDone)) continue;
        this.#launch(place);
      }
      this.#watch();
    });
  }

  #launch(place: Place): void {
    const { world } = this.#system;
    const name = `${place.name}.${(place.launches += 1)}`;
    const process = new SimProcess(world, name, world.random.between(-MAX_SKEW_MS, MAX_SKEW_MS));
    place.process = process;
    world.log(`launch ${name}`);
    switch (place.role) {
      case 'generator':
        place.stop = null;
        return startGenerator(this.#system, process, this.#plan, this.watermark);
      case 'notifier':
        place.stop = null;
        return startNotifier(this.#system, process);
      case 'dispatcher':
        place.stop = startDispatcher(this.#system, process).stop;
        return;
      case 'worker':
        place.stop = startWorker(this.#system, process).stop;
    }
  }
}
