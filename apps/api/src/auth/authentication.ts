import { TriplineError } from '@tripline/contracts';
import type { Metrics } from '@tripline/telemetry';
import type { FastifyRequest } from 'fastify';

import type { ApiApp } from '../http/api-app';
import type { Caller } from './caller';
import { TokenRefusedError, type TokenRefusal, type Tokens } from './tokens';
import type { UserDirectory } from './user-directory';

export interface AuthenticationOptions {
  tokens: Tokens;
  directory: UserDirectory;
  metrics: Metrics;
  monotonicMs: () => number;
}

const BEARER = /^Bearer +([A-Za-z0-9_.-]+)$/i;

/**
 * Requires a valid token of an active user on every route unless its `config.access` is `public`. A list of roles there
 * restricts the route to these roles. Runs before the body is read.
 */
export function registerAuthentication(app: ApiApp, options: AuthenticationOptions): void {
  app.addHook('preParsing', async (request, reply) => {
    const access = request.routeOptions.config.access;
    // Webhooks have their own secrets: see hook-authentication.ts.
    if (request.is404 || access === 'public' || access === 'webhook') {
      return;
    }
    try {
      request.caller = await authenticate(request, options);
    } catch (error) {
      void reply.header('www-authenticate', 'Bearer realm="tripline"');
      throw error;
    }
    if (access !== undefined && !access.includes(request.caller.role)) {
      throw new TriplineError('FORBIDDEN', `This requires the role ${access.join(' or ')}.`);
    }
  });
}

async function authenticate(request: FastifyRequest, options: AuthenticationOptions): Promise<Caller> {
  const startedAt = options.monotonicMs();
  const record = (status: 'valid' | TokenRefusal): void => {
    options.metrics.counter('jwt_validations_total').inc({ status });
    options.metrics
      .histogram('jwt_validation_duration_seconds')
      .observe({}, (options.monotonicMs() - startedAt) / 1000);
  };
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    throw new TriplineError('UNAUTHENTICATED', 'This requires a bearer token.');
  }
  try {
    const claims = await options.tokens.verify(token);
    record('valid');
    const user = await options.directory.findActive(claims.userId);
    if (user === null) {
      throw new TriplineError('UNAUTHENTICATED', 'The account of this token is inactive.');
    }
    return { id: user.id, email: user.email, role: user.role, permissions: user.permissions };
  } catch (error) {
    if (error instanceof TokenRefusedError) {
      record(error.denial);
    }
    throw error;
  }
}
