import type { TopicAdmin } from '@tripline/messaging';
import type { Database } from '@tripline/database';
import {
  createDecisionRepository,
  createDecisionStore,
  createSignalRepository,
  createSimulationStore,
  createWhyRepository,
} from '@tripline/decision-store';
import { createExecutionRepository, createStatsRepository } from '@tripline/execution-store';
import { createPipelineRepository, createScannerRepository, createWebhookRepository } from '@tripline/pipeline-store';
import { createHaltStore, createOrderRepository, createVenueRepository } from '@tripline/trading-store';
import { createQuotaRepository, createUserRepository, type UserLimits } from '@tripline/user-store';
import {
  createHealthServer,
  createLifecycle,
  systemClock,
  type Clock,
  type Component,
  type HealthServer,
  type Lifecycle,
} from '@tripline/runtime';
import { createExposition, createMetrics, type Logger, type Metrics } from '@tripline/telemetry';

import { ensureFirstAdmin } from './auth/first-admin';
import { createPasswords } from './auth/passwords';
import { createTokens } from './auth/tokens';
import { createUserDirectory } from './auth/user-directory';
import { createClients } from './clients';
import type { ApiConfig } from './config';
import { startPatiently } from './health/patient-start';
import { countDecisions } from './decisions/count-decisions';
import { createReadiness } from './health/readiness';
import { createDrain } from './http/drain';
import { createListener } from './http/listen';
import { registerRoutes, type RoutesOptions } from './http/routes';
import { createServer } from './http/server';
import { createSignalLog } from './simulations/signal-log';
import { createSimulationPlaces } from './simulations/simulation-places';
import { createSystemMetrics } from './system-metrics/system-metrics';
import { createWebhookSecrets } from './webhooks/webhook-secrets';
import { VERSION } from './version';

/** How many signals one simulation keeps in memory, about 1 KB each. */
const MAX_SIMULATED_SIGNALS = 20_000;

export interface ApiService {
  lifecycle: Lifecycle;
  health: HealthServer;
  /** The API's base URL; undefined before the start. */
  address(): string | undefined;
}

interface Tools {
  logger: Logger;
  metrics: Metrics;
  clock: Clock;
}

/** Assembles the API. Opens nothing before `lifecycle.start()`. */
export function createApiService(
  config: ApiConfig,
  { logger, clock = systemClock }: { logger: Logger; clock?: Clock },
): ApiService {
  const metrics = createMetrics({ service: 'api' });
  const tools: Tools = { logger, metrics, clock };
  const clients = createClients(config, tools);
  const { database, schema, topics, queue } = clients;
  const repositories = createRepositories(database, config.userLimits);
  const producer = startPatiently(clients.producer, logger);
  const exposition = createExposition(metrics);
  const health = createHealthServer({
    ...config.metrics,
    metrics: () => exposition,
    readiness: createReadiness({
      database,
      schema,
      topics,
      isProducerStarted: () => producer.isStarted(),
      topic: config.signalsTopic,
      queue,
      isListening: () => http.address() !== undefined,
    }),
    logger,
  });
  const routes = createRoutesOptions(config, tools, { ...repositories, producer: clients.producer, queue, topics });
  const drain = createDrain({ health, delayMs: config.drainDelayMs });
  const http = createHttp(config, tools, { routes, isDraining: drain.isDraining });
  const lifecycle = createLifecycle({
    logger,
    stopDeadlineMs: config.stopDeadlineMs,
    components: [
      health,
      clients.redisCommands,
      database,
      schema,
      startPatiently(topics, logger),
      producer,
      queue,
      createSystemMetrics({
        stats: repositories.stats,
        halts: repositories.halts,
        queue,
        metrics,
        logger,
        intervalMs: config.systemMetricsIntervalMs,
      }),
      firstAdmin(config, logger, repositories, routes),
      http,
      drain,
    ],
  });
  return { lifecycle, health, address: () => http.address() };
}

type Repositories = ReturnType<typeof createRepositories>;

function createRepositories(database: Database, limits: UserLimits) {
  return {
    users: createUserRepository(database),
    scanners: createScannerRepository(database, limits),
    pipelines: createPipelineRepository(database, limits),
    decisions: createDecisionRepository(database),
    why: createWhyRepository(database),
    decisionStore: createDecisionStore(database),
    executions: createExecutionRepository(database),
    halts: createHaltStore(database),
    orders: createOrderRepository(database),
    quotas: createQuotaRepository(database),
    signals: createSignalRepository(database),
    simulations: createSimulationStore(database),
    stats: createStatsRepository(database),
    venues: createVenueRepository(database),
    webhooks: createWebhookRepository(database, limits),
  };
}

function createRoutesOptions(
  config: ApiConfig,
  { logger, metrics, clock }: Tools,
  parts: Repositories & Pick<ReturnType<typeof createClients>, 'producer' | 'queue' | 'topics'>,
): RoutesOptions {
  const { auth } = config;
  const now = (): number => clock.now();
  const monotonicMs = (): number => clock.monotonicMs();
  const tokens = createTokens({ secret: auth.secret.reveal(), ttlMs: auth.tokenTtlMs, now });
  const passwords = createPasswords();
  const directory = createUserDirectory({ users: parts.users, monotonicMs });
  const { secret: webhookKey, previous } = config.webhookKeys;
  const secrets = createWebhookSecrets({ current: webhookKey.reveal(), previous: previous?.reveal() });
  const { users, scanners, pipelines, decisions, executions, orders, signals, stats, venues, webhooks } = parts;
  const decisionStore = countDecisions(parts.decisionStore, metrics);
  const runs = { pipelines, venues, decisions, decisionStore, queue: parts.queue, logger, now };
  return {
    authentication: { tokens, directory, metrics, monotonicMs },
    auth: {
      users,
      passwords,
      tokens,
      metrics,
      logger,
      loginLimitPerMinute: auth.loginLimitPerMinute,
      loginLimitPerAccount: auth.loginLimitPerAccount,
    },
    users: { users, directory, passwords },
    permissions: { users, directory, logger },
    quotas: { quotas: parts.quotas, logger },
    scanners: { scanners },
    pipelines: { pipelines, scanners, orders, venues },
    runs,
    calendars: { now },
    venues: { venues, users, logger },
    webhooks: { webhooks, secrets },
    hooks: { ...runs, webhooks, secrets, metrics, limitPerMinute: config.webhookLimitPerMinute },
    decisions: { decisions, why: parts.why, pipelines },
    executions: { executions },
    halts: { halts: parts.halts, pipelines, users, logger },
    orders: { orders },
    signals: { signals },
    publishing: { producer: parts.producer, topic: config.signalsTopic, logger, metrics, now },
    simulations: simulationRoutes(config, parts, now),
    health: { stats, version: VERSION, monotonicMs },
  };
}

function simulationRoutes(
  { simulation, signalsTopic: topic }: ApiConfig,
  parts: Pick<Repositories, 'pipelines' | 'scanners' | 'simulations'> & { topics: TopicAdmin },
  now: () => number,
): RoutesOptions['simulations'] {
  const { pipelines, scanners, simulations, topics: admin } = parts;
  const log = createSignalLog({ admin, topic, limits: { ...simulation, maxMatches: MAX_SIMULATED_SIGNALS } });
  return { pipelines, scanners, simulations, log, topic, places: createSimulationPlaces(simulation), now };
}

/** Builds the server during start, because plugins load asynchronously. */
function createHttp(
  config: ApiConfig,
  { logger, metrics, clock }: Tools,
  { routes, isDraining }: { routes: RoutesOptions; isDraining: () => boolean },
): Component & { address(): string | undefined } {
  let listener: Component | undefined;
  let address: string | undefined;
  return {
    name: 'http',
    address: () => address,
    async start() {
      const app = await createServer({
        settings: config.http,
        version: VERSION,
        logger,
        metrics,
        monotonicMs: () => clock.monotonicMs(),
        isDraining,
        routes: (scope) => registerRoutes(scope, routes),
      });
      listener = createListener(app, {
        ...config.listen,
        onListening: (url) => {
          address = url;
          logger.info({ event: 'api_listening', url, docs: `${url}/docs` }, 'api listening');
        },
      });
      await listener.start();
    },
    stop: async () => listener?.stop(),
  };
}

function firstAdmin(config: ApiConfig, logger: Logger, { users }: Repositories, routes: RoutesOptions): Component {
  const { firstAdmin: named, isEphemeral } = config.auth;
  return {
    name: 'first-admin',
    async start() {
      if (isEphemeral) {
        logger.warn(
          { event: 'jwt_secret_ephemeral' },
          'JWT_SECRET is not set: tokens become invalid when this process ends',
        );
      }
      if (config.webhookKeys.isEphemeral) {
        logger.warn(
          { event: 'webhook_key_ephemeral' },
          'WEBHOOK_KEY is not set: webhooks cannot verify signatures after this process ends',
        );
      }
      const account = named && { email: named.email, password: named.password.reveal() };
      await ensureFirstAdmin({ account, users, passwords: routes.auth.passwords, logger });
    },
    stop: () => Promise.resolve(),
  };
}
