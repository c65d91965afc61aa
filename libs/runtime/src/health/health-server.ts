import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Exposition, Logger } from '@tripline/telemetry';

import { type Clock, systemClock } from '../clock/clock';
import type { Component } from '../lifecycle/component';
import { type ReadinessCheck, runChecks } from './checks';

/** Longest one check may take. */
const CHECK_TIMEOUT_MS = 2_000;

export interface HealthServerOptions {
  /** 0 lets the system choose; `address()` returns the result. */
  readonly port: number;
  readonly host: string;
  readonly metrics: () => Exposition;
  /** Checks whose failure means "restart me"; they must not depend on other systems. */
  readonly liveness?: readonly ReadinessCheck[];
  /** Checks whose failure means "send me no work". */
  readonly readiness?: readonly ReadinessCheck[];
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** Serves `/metrics`, `/health/live` and `/health/ready`. */
export interface HealthServer extends Component {
  /** The listening address; undefined before the start and after the stop. */
  address(): { host: string; port: number } | undefined;
  /** Makes `/health/ready` fail from now on, for draining. */
  markNotReady(reason: string): void;
}

/** Creates the health server. It listens after `start()`, which rejects when the port is taken. */
export function createHealthServer(options: HealthServerOptions): HealthServer {
  return new NodeHealthServer(options);
}

/** Must be the last component: it is stopped first, and from then on the service reports not ready. */
export function createDrain(health: Pick<HealthServer, 'markNotReady'>): Component {
  return {
    name: 'drain',
    start: () => Promise.resolve(),
    stop: () => {
      health.markNotReady('stopping');
      return Promise.resolve();
    },
  };
}

class NodeHealthServer implements HealthServer {
  readonly name = 'health-server';
  private server: Server | undefined;
  private notReadyReason: string | undefined;
  private readonly clock: Clock;

  constructor(private readonly options: HealthServerOptions) {
    this.clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    if (this.server !== undefined) return;
    const server = createServer((request, response) => void this.handle(request, response));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.port, this.options.host, resolve);
    });
    this.options.logger?.info({ event: 'health_server_started', ...this.address() }, 'health server listening');
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (server === undefined || !server.listening) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  address(): { host: string; port: number } | undefined {
    const address = this.server?.address() as AddressInfo | null | undefined;
    return address ? { host: address.address, port: address.port } : undefined;
  }

  markNotReady(reason: string): void {
    this.notReadyReason = reason;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = (request.url ?? '/').split('?')[0];
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('allow', 'GET, HEAD');
        respondJson(response, 405, { error: 'method not allowed' });
      } else if (path === '/metrics') {
        const { contentType, body } = await this.options.metrics().render(request.headers.accept);
        response.writeHead(200, { 'content-type': contentType, vary: 'accept' }).end(body);
      } else if (path === '/health/live') {
        await this.respondChecks(response, this.options.liveness ?? []);
      } else if (path === '/health/ready') {
        await this.respondChecks(response, this.readinessChecks());
      } else {
        respondJson(response, 404, { error: 'not found' });
      }
    } catch (error) {
      this.options.logger?.error({ event: 'health_request_failed', err: error }, 'health request failed');
      if (response.headersSent) response.destroy();
      else respondJson(response, 500, { error: 'internal error' });
    }
  }

  private readinessChecks(): readonly ReadinessCheck[] {
    const checks = this.options.readiness ?? [];
    if (this.notReadyReason === undefined) return checks;
    const detail = this.notReadyReason;
    return [...checks, { name: 'lifecycle', check: () => ({ ok: false, detail }) }];
  }

  private async respondChecks(response: ServerResponse, checks: readonly ReadinessCheck[]): Promise<void> {
    const report = await runChecks(checks, CHECK_TIMEOUT_MS, this.clock);
    respondJson(response, report.status === 'ok' ? 200 : 503, report);
  }
}

function respondJson(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
