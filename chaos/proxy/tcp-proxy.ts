import { connect, createServer, type Server, type Socket } from 'node:net';

import { FAIR_WEATHER, pipeThrough, type Weather } from './pipe';

/** The faults a link can have. `up` is from the client to the server. */
export type LinkFault =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'black_hole' }
  | { readonly kind: 'one_way'; readonly direction: 'up' | 'down' }
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  | { readonly kind: 'slices'; readonly share: number };

/** A TCP proxy between a client and one of our servers that can inject link faults. */
export interface TcpProxy {
  readonly port: number;
  /** Number of open connections. */
  connections(): number;
  /** Applies faults to open and new connections until `heal`. Refusing connections also resets the open ones. */
  impose(fault: LinkFault): Promise<void>;
  /** Ends all faults; delayed data is delivered. */
  heal(): Promise<void>;
  /** Resets every open connection (RST), once. */
  reset(): void;
  close(): Promise<void>;
}

export interface TcpProxyOptions {
  /** Port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  readonly targetPort: number;
  readonly random: () => number;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/** Starts a proxy. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const proxy = new Proxy(options);
  await proxy.listen(options.port);
  return proxy;
}

class Proxy implements TcpProxy {
  readonly #links = new Set<Link>();
  readonly #server: Server;
  readonly #options: TcpProxyOptions;
  #port = 0;
  #up = FAIR_WEATHER;
  #down = FAIR_WEATHER;
  #isListening = false;
  #change = Promise.withResolvers<void>();

  constructor(options: TcpProxyOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  get port(): number {
    return this.#port;
  }

  connections(): number {
    return this.#links.size;
  }

  async listen(port: number): Promise<void> {
    if (this.#isListening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: '127.0.0.1' }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#isListening = true;
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  async impose(fault: LinkFault): Promise<void> {
    if (fault.kind === 'refuse') {
      const closed = this.#stopListening();
      this.reset();
      await closed;
      return;
    }
    const weather = weatherOf(fault);
    const isOneWay = fault.kind === 'one_way';
    this.#set(
      isOneWay && fault.direction === 'down' ? FAIR_WEATHER : weather,
      isOneWay && fault.direction === 'up' ? FAIR_WEATHER : weather,
    );
  }

  async heal(): Promise<void> {
    this.#set(FAIR_WEATHER, FAIR_WEATHER);
    await this.listen(this.#port);
  }

  reset(): void {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    this.#links.clear();
    this.#announce();
  }

  async close(): Promise<void> {
    const closed = this.#stopListening();
    this.reset();
    await closed;
  }

  #set(up: Weather, down: Weather): void {
    [this.#up, this.#down] = [up, down];
    this.#announce();
  }

  #announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #stopListening(): Promise<void> {
    if (!this.#isListening) return;
    this.#isListening = false;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#options.targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const link = { client, server };
    this.#links.add(link);
    const end = (): void => {
      this.#links.delete(link);
      client.destroy();
      server.destroy();
      this.#announce();
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', end);
    }
    // When one side closes, close the other too, after data in flight has had time to arrive.
    client.on('close', () => (server.destroyed ? end() : server.end()));
    server.on('close', end);
    const shared = { change: () => this.#change.promise, random: this.#options.random };
    pipeThrough(client, server, { ...shared, weather: () => this.#up });
    pipeThrough(server, client, { ...shared, weather: () => this.#down });
  }
}

function weatherOf(fault: Exclude<LinkFault, { kind: 'refuse' }>): Weather {
  switch (fault.kind) {
    case 'black_hole':
    case 'one_way':
      return { ...FAIR_WEATHER, blocked: true };
    case 'latency':
      return { ...FAIR_WEATHER, latencyMs: fault.ms, jitterMs: fault.jitterMs };
    case 'bandwidth':
      return { ...FAIR_WEATHER, bytesPerSecond: fault.bytesPerSecond };
    case 'slices':
      return { ...FAIR_WEATHER, sliceShare: fault.share };
  }
}
