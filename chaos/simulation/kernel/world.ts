import { createRandom, type Random } from './random';
import { EventQueue, type ScheduledEvent } from './event-queue';
import type { ProcessHost, SimProcess } from './sim-process';

/** Captured before the real timers are replaced. */
const realSetImmediate = setImmediate;

/** A fault that hits a process the next time it sends a request of this kind, or right after that request has taken effect. */
export interface Trap {
  /** Prefix of the request's label. */
  readonly label: string;
  readonly moment: 'sent' | 'done';
  readonly spring: (process: SimProcess) => void;
}

/** 2025-01-06T10:00:00Z, the start of every simulation. */
export const WORLD_START = Date.UTC(2025, 0, 6, 10);

export interface WorldOptions {
  readonly keepTrace?: boolean | undefined;
  /** Epoch ms; default `WORLD_START`. */
  readonly start?: number | undefined;
}

/**
 * Virtual time and a single order of all events. One event happens at a time, and all code that it triggers finishes
 * before the next event. The seed alone therefore decides how processes interleave.
 */
export class World implements ProcessHost {
  readonly random: Random;
  /** One line per event; empty unless the trace is kept. */
  readonly trace: string[] = [];
  /** The process whose code is running; it owns the timers set now. */
  current: SimProcess | null = null;
  steps = 0;
  /** End of the longest effect of any fault so far, ms since the start. */
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

  /** Ms since the start. */
  get elapsed(): number {
    return this.#now - this.#start;
  }

  at(delayMs: number, action: () => void): ScheduledEvent {
    const event = { at: this.#now + Math.max(0, delayMs), order: (this.#order += 1), action, cancelled: false };
    this.#queue.push(event);
    return event;
  }

  /** Adds a line to the trace; the hash over all lines identifies the interleaving. */
  log(line: string): void {
    const text = `${this.elapsed} ${line}`;
    let hash = this.#hash;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
    this.#hash = hash;
    if (this.#keepTrace) this.trace.push(text);
  }

  /** The same seed gives the same hash. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  setTrap(trap: Trap): void {
    this.#traps.push(trap);
  }

  /** Triggers the first trap that matches this request. */
  passTraps(process: SimProcess, label: string, moment: Trap['moment']): void {
    if (this.#traps.length === 0 || !process.isAlive) return;
    const index = this.#traps.findIndex((trap) => trap.moment === moment && label.startsWith(trap.label));
    const [trap] = index < 0 ? [] : this.#traps.splice(index, 1);
    if (trap === undefined) return;
    this.log(`trap: ${process.name} has ${moment} ${label}`);
    trap.spring(process);
  }

  /** Records that a fault's effect lasts this long from now. */
  lasts(ms: number): void {
    this.troubleUntil = Math.max(this.troubleUntil, this.elapsed + ms);
  }

  /** Resumes code of a process; all its work finishes before the next event. */
  enter(process: SimProcess, action: () => void): void {
    this.current = process;
    this.#woken = true;
    action();
  }

  /** Runs until the condition holds, or until no event is left before `untilMs` (since the start). Returns whether it holds. */
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
      // All promise callbacks run before the next iteration of the event loop.
      await new Promise<void>((resolve) => void realSetImmediate(resolve));
      this.#woken = false;
      this.current = null;
    }
    return true;
  }
}
