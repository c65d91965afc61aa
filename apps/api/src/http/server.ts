import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { TriplineError } from '@tripline/contracts';
import Fastify, { type FastifyServerOptions, type RouteOptions } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';

import { endpointOf, type ApiApp } from './api-app';
import { answerError, registerErrorHandling } from './error-handling';
import { assertStorableJson } from './json-limits';
import { answerBrokenRequest } from './broken-request';
import { registerOpenApi } from './openapi';
import { registerRequestEvents, type RequestEventsOptions } from './request-events';
import { requestIdOf } from './request-id';

export interface HttpSettings {
  /** Origins from which browsers may call the API; none by default. */
  corsOrigins: readonly string[];
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is trusted; none by default. */
  trustedProxies: readonly string[];
  /** Requests per minute and client address. */
  rateLimitPerMinute: number;
  bodyLimitBytes: number;
  /** Longest time to receive a request, and longest time to handle it, ms. */
  requestTimeoutMs: number;
  /** How long a socket may be idle, ms. */
  connectionTimeoutMs: number;
}

export interface ServerOptions extends RequestEventsOptions {
  settings: HttpSettings;
  version: string;
  /** While true, responses carry `Connection: close`. Default: never. */
  isDraining?: () => boolean;
  /** Called for every route as it is registered, e.g. to test all of them. */
  onRoute?: (route: RouteOptions) => void;
  /** Registers authentication and the routes. */
  routes: (app: ApiApp) => void | Promise<void>;
}

/**
 * Builds the HTTP server without listening. The order matters: request id and events come first to record every denied
 * request; the rate limit comes before authentication to limit token guessing; authentication comes before the body is read.
 */
export async function createServer(options: ServerOptions): Promise<ApiApp> {
  const app: ApiApp = Fastify(fastifyOptions(options)).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // JSON only: the text parser would pass bodies of other types to the schemas as strings.
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('caller', null);
  if (options.onRoute) {
    app.addHook('onRoute', options.onRoute);
  }
  registerRequestEvents(app, options);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    if (options.isDraining?.() === true) void reply.header('connection', 'close');
    done();
  });
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  });
  await app.register(cors, {
    origin: [...options.settings.corsOrigins],
    exposedHeaders: ['x-request-id', 'retry-after'],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  });
  await registerRateLimit(app, options);
  registerErrorHandling(app, options);
  app.addHook('preValidation', (request, _reply, done) => {
    assertStorableJson(request.body);
    done();
  });
  await registerOpenApi(app, options.version);
  await app.register(async (scope) => options.routes(scope as unknown as ApiApp));
  return app;
}

function fastifyOptions(options: ServerOptions): FastifyServerOptions {
  const { settings } = options;
  return {
    logger: false,
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    bodyLimit: settings.bodyLimitBytes,
    requestTimeout: settings.requestTimeoutMs,
    handlerTimeout: settings.requestTimeoutMs,
    connectionTimeout: settings.connectionTimeoutMs,
    // While stopping, requests on open connections are still answered, with `Connection: close`.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply, options);
    },
    clientErrorHandler: answerBrokenRequest,
  } as FastifyServerOptions;
}

async function registerRateLimit(app: ApiApp, { metrics, settings }: ServerOptions): Promise<void> {
  await app.register(rateLimit, {
    max: settings.rateLimitPerMinute,
    timeWindow: 60_000,
    // Bounds memory regardless of the number of addresses.
    cache: 10_000,
    onExceeded: (request) => {
      metrics.counter('rate_limit_exceeded_total').inc({ endpoint: endpointOf(request) });
    },
    errorResponseBuilder: (_request, context) =>
      new TriplineError('RATE_LIMITED', `At most ${context.max} requests per minute are allowed.`, {
        details: { limit: context.max, retry_after_seconds: Math.ceil(context.ttl / 1000) },
      }),
  });
}
