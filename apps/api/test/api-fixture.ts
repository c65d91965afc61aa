import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';

import type { RecordedDecision, RecordedSignal } from '@tripline/decisions';
import type { Signal } from '@tripline/triggers';
import type { OutgoingMessage } from '@tripline/messaging';
import type { DirectTrigger, DecisionLogEntry, NearMissRecord } from '@tripline/decision-store';
import type { Viewer } from '@tripline/paging';
import type { UserRecord, UserRole } from '@tripline/user-store';
import { createManualClock } from '@tripline/runtime';
import { createLogger, createMetrics } from '@tripline/telemetry';

import type { RouteOptions } from 'fastify';

import { createPasswords } from '../src/auth/passwords';
import { createTokens } from '../src/auth/tokens';
import { createUserDirectory } from '../src/auth/user-directory';
import { registerRoutes, type RoutesOptions } from '../src/http/routes';
import { createServer, type HttpSettings } from '../src/http/server';
import { createSimulationPlaces } from '../src/simulations/simulation-places';
import { createWebhookSecrets } from '../src/webhooks/webhook-secrets';
import { createFakeHalts } from './fake-halts';
import { createFakeQuotas } from './fake-quotas';
import { createFakeVenues } from './fake-venues';
import { createFakeWebhooks } from './fake-webhooks';
import {
  createFakePipelines,
  createFakeScanners,
  createFakeUsers,
  executionDetail,
  decisionLogEntry,
  orderRecord,
  signalRecord,
} from './fake-repositories';

export const PASSWORD = 'correct horse battery staple';
const SETTINGS: HttpSettings = {
  corsOrigins: ['https://app.example.com'],
  trustedProxies: [],
  rateLimitPerMinute: 100_000,
  bodyLimitBytes: 256 * 1024,
  requestTimeoutMs: 15_000,
  connectionTimeoutMs: 20_000,
};

export interface FixtureOptions {
  settings?: Partial<HttpSettings>;
  loginLimitPerMinute?: number;
  loginLimitPerAccount?: number;
  webhookLimitPerMinute?: number;
  /** Overrides of the fake stores, e.g. to fail. */
  override?: (routes: RoutesOptions) => RoutesOptions;
}

export type ApiFixture = Awaited<ReturnType<typeof createApiFixture>>;

/** The complete HTTP server on fake in-memory stores, with a fixed clock. */
export async function createApiFixture(options: FixtureOptions = {}) {
  const clock = createManualClock();
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const logger = createLogger({ service: 'api', level: 'debug', destination });
  const metrics = createMetrics({ service: 'api', defaultMetrics: false });
  const parts = createParts(clock, { logger, metrics });
  const routes = createRoutes(parts, options);
  const routeTable: RouteOptions[] = [];
  const app = await createServer({
    settings: { ...SETTINGS, ...options.settings },
    version: '0.0.0-test',
    logger,
    metrics,
    monotonicMs: () => clock.monotonicMs(),
    onRoute: (route) => routeTable.push(route),
    routes: (scope) => registerRoutes(scope, options.override?.(routes) ?? routes),
  });
  await app.ready();
  const login = async (role: UserRole): Promise<Account> => {
    const user = await parts.users.create({ email: `${randomUUID()}@example.com`, passwordHash: 'x', role });
    const { token } = await parts.tokens.issue(user.id);
    return { user, headers: { authorization: `Bearer ${token}` } };
  };
  return { app, clock, lines, login, routeTable, ...parts };
}

export interface Account {
  user: UserRecord;
  headers: { authorization: string };
}

type Telemetry = Pick<RoutesOptions['publishing'], 'logger' | 'metrics'>;

function createParts(clock: ReturnType<typeof createManualClock>, telemetry: Telemetry) {
  const sent: { topic: string; message: OutgoingMessage }[] = [];
  const triggers: DirectTrigger[] = [];
  const enqueued: unknown[] = [];
  const decisionLog: DecisionLogEntry[] = [];
  const nearMisses: NearMissRecord[] = [];
  const users = createFakeUsers();
  const pipelines = createFakePipelines();
  return {
    ...telemetry,
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    tokens: createTokens({ secret: 's'.repeat(32), ttlMs: 3_600_000, now: () => clock.now() }),
    passwords: createPasswords(),
    directory: createUserDirectory({ users, monotonicMs: () => clock.monotonicMs() }),
    users,
    scanners: createFakeScanners(),
    pipelines,
    webhooks: createFakeWebhooks(pipelines, () => clock.now()),
    secrets: createWebhookSecrets({ current: 's'.repeat(32) }),
    halts: createFakeHalts(() => clock.now()),
    venues: createFakeVenues(() => clock.now()),
    executions: [] as ReturnType<typeof executionDetail>[],
    orders: [] as ReturnType<typeof orderRecord>[],
    signals: [signalRecord()],
    recorded: [] as RecordedSignal[],
    happened: [] as RecordedDecision[],
    sent,
    triggers,
    enqueued,
    decisionLog,
    nearMisses,
  };
}

type Parts = ReturnType<typeof createParts>;

function fakeWhy({ decisionLog, nearMisses }: Parts): RoutesOptions['decisions']['why'] {
  return {
    explain: async (viewer, pipelineId) => {
      const decided = decisionLog.filter((entry) => entry.userId === viewer.userId && entry.pipelineId === pipelineId);
      const items = [
        ...decided.map((entry) => ({ kind: 'decision' as const, at: entry.decidedAt, ...entry })),
        ...nearMisses
          .filter((miss) => miss.pipelineId === pipelineId)
          .map((miss) => ({ kind: 'near_miss' as const, at: miss.occurredAt, ...miss })),
      ];
      return { items: items.sort((a, b) => b.at - a.at), nextCursor: null };
    },
  };
}

function createRoutes(parts: Parts, options: FixtureOptions): RoutesOptions {
  const { users, scanners, pipelines, venues, tokens, passwords, directory, logger, metrics, now, monotonicMs } = parts;
  const page = <T>(items: readonly T[]) => Promise.resolve({ items, nextCursor: null });
  const decisions: RoutesOptions['decisions']['decisions'] = {
    list: (viewer, filter) =>
      page(
        parts.decisionLog.filter(
          (entry) =>
            entry.userId === viewer.userId &&
            (filter?.pipelineId === undefined || entry.pipelineId === filter.pipelineId) &&
            (filter?.signalId === undefined || entry.signalId === filter.signalId) &&
            (filter?.outcomes === undefined || filter.outcomes.includes(entry.outcome)),
        ),
      ),
    countByOutcome: async () => ({ SKIPPED_COOLDOWN: parts.decisionLog.length }),
  };
  const orders: RoutesOptions['orders']['orders'] = {
    list: (viewer) => page(parts.orders.filter((order) => order.userId === viewer.userId)),
    find: async (viewer, id) => {
      const order = parts.orders.find((row) => row.clientOrderId === id && row.userId === viewer.userId);
      return order ? { ...order, fills: [] } : null;
    },
    listPositions: async () => [
      {
        pipelineId: randomUUID(),
        ticker: '^SPX',
        quantity: '-2.5',
        averagePrice: '1469.2',
        realisedPnl: '10.5',
        fees: '2.25',
        updatedAt: now(),
      },
    ],
  };
  const findAccount: RoutesOptions['pipelines']['orders']['findAccount'] = async (_viewer, pipelineId) => ({
    pipelineId,
    initialCash: '100000',
    cash: '99000.5',
    updatedAt: now(),
  });
  const decisionStore = fakeDecisionStore(parts);
  const runs = { pipelines, venues, decisions, decisionStore, queue: fakeQueue(parts), logger, now };
  return {
    authentication: { tokens, directory, metrics, monotonicMs },
    auth: {
      users,
      passwords,
      tokens,
      metrics,
      logger,
      loginLimitPerMinute: options.loginLimitPerMinute ?? 1000,
      loginLimitPerAccount: options.loginLimitPerAccount ?? 1000,
    },
    users: { users, directory, passwords },
    permissions: { users, directory, logger },
    quotas: { quotas: createFakeQuotas(users, now), logger },
    scanners: { scanners },
    pipelines: { pipelines, scanners, orders: { findAccount }, venues },
    runs,
    calendars: { now },
    venues: { venues, users, logger },
    webhooks: { webhooks: parts.webhooks, secrets: parts.secrets },
    hooks: {
      ...runs,
      webhooks: parts.webhooks,
      secrets: parts.secrets,
      metrics,
      limitPerMinute: options.webhookLimitPerMinute ?? 1000,
    },
    decisions: { decisions, why: fakeWhy(parts), pipelines },
    halts: { halts: parts.halts, pipelines, users, logger },
    executions: {
      executions: {
        list: (viewer) => page(parts.executions.filter((row) => row.userId === viewer.userId)),
        find: async (viewer, id) =>
          parts.executions.find((row) => row.executionId === id && row.userId === viewer.userId) ?? null,
      },
    },
    orders: { orders },
    signals: {
      signals: {
        list: (viewer) => page(parts.signals.filter(({ signal }) => mayRead(viewer, signal))),
        find: async (viewer, id) =>
          parts.signals.find(({ signal }) => signal.signalId === id && mayRead(viewer, signal)) ?? null,
        listDead: () => page([]),
        loadProgress: async () => [],
      },
    },
    publishing: {
      producer: {
        send: async (topic, messages) => {
          parts.sent.push(...messages.map((message) => ({ topic, message })));
        },
      },
      topic: 'trading-signals',
      logger,
      metrics,
      now,
    },
    simulations: simulationsOf(parts),
    health: { stats: { loadExecutionTotals: async () => EXECUTION_TOTALS }, version: '0.0.0-test', monotonicMs },
  };
}

function mayRead({ userId, role }: Viewer, { owner }: Signal): boolean {
  return role === 'admin' || owner === undefined || owner === userId;
}

const EXECUTION_TOTALS = {
  total: 42,
  byStatus: { pending: 0, running: 1, completed: 37, failed: 2, cancelled: 0, timed_out: 1, skipped: 1 },
};

/** Recorded signals come from `parts.recorded`, read in one chunk; actual decisions come from `parts.happened`. */
function simulationsOf(parts: Parts): RoutesOptions['simulations'] {
  const { pipelines, scanners, now } = parts;
  return {
    pipelines,
    scanners,
    simulations: {
      findSignal: async (id) => parts.recorded.find(({ signal }) => signal.signalId === id) ?? null,
      loadSignalsBefore: async (id) => parts.recorded.filter(({ signal }) => signal.signalId !== id),
      loadDecisions: async () => parts.happened,
      findDecision: async (_pipelineId, id) => parts.happened.find(({ triggerId }) => triggerId === id) ?? null,
      medianRunMs: async () => null,
    },
    log: {
      read: async ({ warmUpFrom, to }, wants) => ({
        records: parts.recorded.filter(({ signal, appendedAtMs: at }) => wants(signal) && at >= warmUpFrom && at < to),
        read: parts.recorded.length,
        ranges: [],
        until: to,
        truncatedBy: null,
      }),
    },
    topic: 'trading-signals',
    places: createSimulationPlaces({ places: 2 }),
    now,
  };
}

/** Accepts every new trigger and remembers trigger ids to detect duplicates. */
function fakeDecisionStore(parts: Parts): RoutesOptions['runs']['decisionStore'] {
  return {
    async decideTriggers(triggers) {
      const fresh = triggers.filter(({ triggerId }) => !parts.triggers.some((known) => known.triggerId === triggerId));
      parts.triggers.push(...fresh);
      const decisions = fresh.map(({ pipelineId, triggerId, triggerMode, occurredAt }) =>
        decisionLogEntry({
          pipelineId,
          userId: [...parts.users.rows.keys()].at(-1) ?? '',
          signalId: triggerId,
          triggerMode,
          occurredAt,
          outcome: 'TRIGGERED',
          reason: 'trigger_accepted',
          executionId: randomUUID(),
        }),
      );
      parts.decisionLog.push(...decisions);
      const created = decisions.map(({ executionId, pipelineId, userId }) => ({
        executionId: executionId ?? '',
        generation: 1,
        pipelineId,
        userId,
        traceparent: null,
      }));
      return { decisions, created, ended: [], unknown: [] };
    },
    acknowledgeEnqueued: async (jobs) => jobs.length,
  };
}

function fakeQueue(parts: Parts): RoutesOptions['runs']['queue'] {
  return {
    async enqueue(jobs) {
      parts.enqueued.push(...jobs);
      return jobs.length;
    },
  };
}

export { executionDetail, decisionLogEntry, orderRecord };
