import type { SimProcess } from './sim-process';
import type { World } from './world';

/** The connection failed: refused, reset or silent. The request may or may not have taken effect. */
export class ConnectionLostError extends Error {
  readonly code = 'ECONNRESET';

  constructor(server: string, how: string) {
    super(`${server}: ${how}`);
    this.name = 'ConnectionLostError';
  }
}

/** How unreliable the network is at the moment. */
export interface Weather {
  /** Probability that a request is lost; also the probability that an answer is lost. */
  loss: number;
  /** Probability that a message takes up to two seconds. */
  delay: number;
}

/** Outcome of a request at the server. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };
export type Finish<T> = (outcome: Outcome<T>) => void;

/** Keeps the requests of one connection in order. */
export class Connection {
  isBroken = false;
  readonly #onBroken: () => void;
  readonly #waiting: (() => void)[] = [];
  #clearAt = 0;
  #isBusy = false;

  constructor(onBroken: () => void) {
    this.#onBroken = onBroken;
  }

  queue(world: World, latencyMs: number, turn: () => void): void {
    this.#clearAt = Math.max(this.#clearAt, world.now + latencyMs);
    world.at(this.#clearAt - world.now, () => {
      if (this.#isBusy) this.#waiting.push(turn);
      else {
        this.#isBusy = true;
        turn();
      }
    });
  }

  /** The current request has finished. */
  next(): void {
    const turn = this.#waiting.shift();
    this.#isBusy = turn !== undefined;
    turn?.();
  }

  break(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.#onBroken();
  }
}

/**
 * A server of the system behind a network. A request takes effect at one instant between its sending and its answer. The
 * request, the answer or both may be lost, and a request may take effect after its sender has died.
 */
export class Server {
  readonly name: string;
  isUp = true;
  isPaused = false;
  readonly #world: World;
  readonly #weather: Weather;
  /** Counts restarts; connections do not survive a restart. */
  #life = 0;
  readonly #held: (() => void)[] = [];

  constructor(world: World, name: string, weather: Weather) {
    this.#world = world;
    this.name = name;
    this.#weather = weather;
  }

  call<T>(process: SimProcess, label: string, effect: () => T): Promise<T> {
    return this.send(process, label, (finish: Finish<T>) => {
      let outcome: Outcome<T>;
      try {
        outcome = { value: effect() };
      } catch (error) {
        outcome = { error };
      }
      finish(outcome);
    });
  }

  /**
   * Like `call`, for requests that take time at the server. The server handles the requests of one connection one after the
   * other, and a lost message breaks the connection.
   */
  send<T>(
    process: SimProcess,
    label: string,
    start: (finish: Finish<T>) => void,
    connection: Connection | null = null,
  ): Promise<T> {
    const { random } = this.#world;
    return new Promise<T>((resolve, reject) => {
      const life = this.#life;
      this.#world.passTraps(process, label, 'sent');
      const fail = (how: string, afterMs: number): void => {
        connection?.break();
        this.#world.at(afterMs, () => process.deliver(() => reject(new ConnectionLostError(this.name, how))));
      };
      const answer = (outcome: Outcome<T>): void => {
        this.#world.log(`${process.name} ${label} ${'error' in outcome ? `! ${nameOf(outcome.error)}` : 'ok'}`);
        this.#world.passTraps(process, label, 'done');
        if (random.chance(this.#weather.loss)) {
          this.#world.log(`${process.name} ${label}: answer lost`);
          return fail('answer lost', this.#silence());
        }
        this.#world.at(this.#latency(), () => {
          if (life !== this.#life) return fail('connection reset', 0);
          process.deliver(() => ('error' in outcome ? reject(outcome.error as Error) : resolve(outcome.value)));
        });
      };
      const arrive = (): void => {
        if (!this.isUp || life !== this.#life || connection?.isBroken === true) {
          connection?.next();
          return fail('connection refused', this.#latency());
        }
        start((outcome) => {
          answer(outcome);
          connection?.next();
        });
      };
      if (random.chance(this.#weather.loss)) return fail('request lost', this.#silence());
      const turn = (): void => this.#whenAwake(arrive);
      const latencyMs = this.#latency();
      if (connection === null) this.#world.at(latencyMs, turn);
      else connection.queue(this.#world, latencyMs, turn);
    });
  }

  /** Breaks all connections and refuses requests until the server is back. */
  crash(downMs: number, onRestart: () => void = () => undefined): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#breakAll();
    this.#world.log(`${this.name} down for ${downMs}`);
    this.#world.lasts(downMs);
    this.#world.at(downMs, () => {
      this.isUp = true;
      this.#world.log(`${this.name} up`);
      onRestart();
    });
  }

  /** Breaks all connections while the server keeps running, as with `pg_terminate_backend` or `CLIENT KILL`. */
  dropConnections(): void {
    this.#breakAll();
    this.#world.log(`${this.name} drops its connections`);
  }

  /** SIGSTOP: all requests wait. */
  pause(ms: number): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.#world.log(`pause ${this.name} for ${ms}`);
    this.#world.lasts(ms);
    this.#world.at(ms, () => {
      this.isPaused = false;
      this.#world.log(`resume ${this.name}`);
      for (const action of this.#held.splice(0)) this.#world.at(0, action);
    });
  }

  /** Called when all connections break. */
  onBroken: () => void = () => undefined;

  #breakAll(): void {
    this.#life += 1;
    this.onBroken();
  }

  #whenAwake(action: () => void): void {
    if (this.isPaused) this.#held.push(action);
    else action();
  }

  #latency(): number {
    const { random } = this.#world;
    return random.chance(this.#weather.delay) ? random.between(50, 2_000) : random.between(1, 5);
  }

  /** Time until a client notices a missing answer: short if the connection was reset, otherwise its timeout. */
  #silence(): number {
    const { random } = this.#world;
    return random.chance(0.5) ? random.between(1, 20) : random.between(1_000, 10_000);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
