import { createRandom, type Random } from './random';
import { EventQueue, type ScheduledEvent } from './event-queue';
import type { ProcessHost, SimProcess } from './sim-process';

/** Taken before anything replaces the timers of the process. */
const realSetImmediate = setImmediate;

/** Something that befalls a process the next time it sends, or has had done, a request of this kind. */
export interface Trap {
  /** Beginning of the request's label. */
  readonly label: string;
  readonly moment: 'sent' | 'done';
  readonly spring: (process: SimProcess) => void;
}

/** 2025-01-06T10:00:00Z, when every simulation begins. */
export const WORLD_START = Date.UTC(2025, 0, 6, 10);

export interface WorldOptions {
  readonly keepTrace?: boolean | undefined;
  /** Epoch ms; default `WORLD_START`. */
  readonly start?: number | undefined;
}

/**
 * Virtual time and the one order of everything that happens. Only one event happens at a time, and all that the code does
 * because of it happens before the next: the seed alone decides how processes interleave.
 */
export class World implements ProcessHost {
  readonly random: Random;
  /** What happened, one line each; empty unless asked for. */
  readonly trace: string[] = [];
  /** The process whose code runs now; timers set now are its own. */
  current: SimProcess | null = null;
  steps = 0;
  /** Until when something begun by a fault lasts, ms since the beginning. */
  troubleUntil = 0;
  readonly #traps: Trap[] = [];
  readonly #queue = new EventQueue();
  readonly #keepTrace: boolean;
  readonly #start: number;
  #now: number;
  #order = 0;
  #hash = 0x811c_9dc5;
  #woken = false;

  constructor(seed: number, options: WorldOptions = {}) {
    this.random = createRandom(seed);
    this.#keepTrace = options.keepTrace ?? false;
    this.#start = this.#now = options.start ?? WORLD_START;
  }

  /** Epoch ms of the virtual clock. */
  get now(): number {
    return this.#now;
  }

  /** Ms since the beginning. */
  get elapsed(): number {
    return this.#now - this.#start;
  }

  at(delayMs: number, action: () => void): ScheduledEvent {
    const event = { at: this.#now + Math.max(0, delayMs), order: (this.#order += 1), action, cancelled: false };
    this.#queue.push(event);
    return event;
  }

  /** Adds a line to the story of this run; its hash stands for the whole interleaving. */
  log(line: string): void {
    const text = `${this.elapsed} ${line}`;
    let hash = this.#hash;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
    this.#hash = hash;
    if (this.#keepTrace) this.trace.push(text);
  }

  /** Same seed, same hash. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  setTrap(trap: Trap): void {
    this.#traps.push(trap);
  }

  /** Springs the first trap that waits for this. */
  passTraps(process: SimProcess, label: string, moment: Trap['moment']): void {
    if (this.#traps.length === 0 || !process.isAlive) return;
    const index = this.#traps.findIndex((trap) => trap.moment === moment && label.startsWith(trap.label));
    const [trap] = index < 0 ? [] : this.#traps.splice(index, 1);
    if (trap === undefined) return;
    this.log(`trap: ${process.name} has ${moment} ${label}`);
    trap.spring(process);
  }

  /** Something lasts for this long from now. */
  lasts(ms: number): void {
    this.troubleUntil = Math.max(this.troubleUntil, this.elapsed + ms);
  }

  /** Lets code of a process go on; what it does is done before the next event. */
  enter(process: SimProcess, action: () => void): void {
    this.current = process;
    this.#woken = true;
    action();
  }

  /** Runs until the condition holds or nothing more happens before `untilMs` (since the beginning). True: it holds. */
  async run(untilMs: number, isDone: () => boolean): Promise<boolean> {
    while (!isDone()) {
      const event = this.#queue.pop();
      if (event === undefined) return false;
      if (event.at > this.#start + untilMs) {
        this.#queue.push(event);
        this.#now = this.#start + untilMs;
        return false;
      }
      if (event.cancelled) continue;
      this.#now = event.at;
      this.steps += 1;
      event.action();
      if (!this.#woken) continue;
      // All promise callbacks run before the next turn of the event loop.
      await new Promise<void>((resolve) => void realSetImmediate(resolve));
      this.#woken = false;
      this.current = null;
    }
    return true;
  }
}
