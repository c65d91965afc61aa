import type { ScheduledEvent } from './event-queue';

/** What a process needs from its world: time, the order of events, and the trace. */
export interface ProcessHost {
  /** Epoch ms of the virtual clock. */
  readonly now: number;
  /** Ms since the start of the simulation. */
  readonly elapsed: number;
  at(delayMs: number, action: () => void): ScheduledEvent;
  /** Runs code of the process. */
  enter(process: SimProcess, action: () => void): void;
  /** Records that a fault lasts for this many ms from now. */
  lasts(ms: number): void;
  log(line: string): void;
}

/**
 * A process of the system. It may be killed (none of its events happen any more) or paused (its events wait, then happen at
 * once, as after SIGCONT), and its wall clock may be wrong. Requests in flight are not undone when the process ends.
 */
export class SimProcess {
  readonly name: string;
  /** Wall clock minus true time, ms. */
  readonly skewMs: number;
  isAlive = true;
  isPaused = false;
  readonly #world: ProcessHost;
  readonly #inbox: (() => void)[] = [];
  readonly #onEnd: (() => void)[] = [];

  constructor(world: ProcessHost, name: string, skewMs = 0) {
    this.#world = world;
    this.name = name;
    this.skewMs = skewMs;
  }

  readonly now = (): number => this.#world.now + this.skewMs;
  readonly monotonicMs = (): number => this.#world.elapsed;

  /** Starts code of this process. A rejection that reaches this point ends the process, like an unhandled rejection. */
  start(main: () => Promise<void>): void {
    this.#world.at(0, () => this.deliver(() => void main().catch((error: unknown) => this.#crash(error))));
  }

  /** Delivers an answer or a timer to the process. */
  deliver(action: () => void): void {
    if (!this.isAlive) return;
    if (this.isPaused) this.#inbox.push(action);
    else this.#world.enter(this, action);
  }

  kill(): void {
    if (!this.isAlive) return;
    this.#world.log(`kill ${this.name}`);
    this.#end();
  }

  /** Called when the process has ended: its peers see the connections close. */
  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  pause(ms: number): void {
    if (!this.isAlive || this.isPaused) return;
    this.isPaused = true;
    this.#world.log(`pause ${this.name} for ${ms}`);
    this.#world.lasts(ms);
    this.#world.at(ms, () => this.#resume());
  }

  /** A timer that fires once; like all timers it waits while the process is paused. */
  after(ms: number, callback: () => void): ScheduledEvent {
    return this.#world.at(ms, () => this.deliver(callback));
  }

  /** A repeating timer; ticks missed during a pause fire once. */
  every(ms: number, callback: () => void): { cancelled: boolean } {
    const timer = { cancelled: false };
    let pending = false;
    const fire = (): void => {
      pending = false;
      if (!timer.cancelled) callback();
    };
    const tick = (): void => {
      if (timer.cancelled || !this.isAlive) return;
      if (!pending) {
        pending = true;
        this.deliver(fire);
      }
      this.#world.at(ms, tick);
    };
    this.#world.at(ms, tick);
    return timer;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  #resume(): void {
    if (!this.isAlive) return;
    this.isPaused = false;
    this.#world.log(`resume ${this.name}`);
    // One at a time, each with everything that follows from it.
    for (const action of this.#inbox.splice(0)) this.#world.at(0, () => this.deliver(action));
  }

  #crash(error: unknown): void {
    this.#world.log(`crash ${this.name}: ${error instanceof Error ? error.message : String(error)}`);
    this.#end();
  }

  #end(): void {
    this.isAlive = false;
    for (const callback of this.#onEnd) this.#world.at(1, callback);
  }
}
