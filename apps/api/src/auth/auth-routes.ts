import { TriplineError } from '@tripline/contracts';
import type { UserRepository } from '@tripline/user-store';
import type { Logger, Metrics } from '@tripline/telemetry';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { emailSchema, userSchema, userResource } from '../users/user-schemas';
import { callerOf } from './caller';
import { MAX_PASSWORD_LENGTH, type Passwords } from './passwords';
import type { Tokens } from './tokens';

export interface AuthRoutesOptions {
  users: Pick<UserRepository, 'findCredentials' | 'findById'>;
  passwords: Passwords;
  tokens: Tokens;
  metrics: Metrics;
  logger: Logger;
  /** Login attempts per minute and client address. */
  loginLimitPerMinute: number;
  /** Login attempts per 15 minutes and e-mail. */
  loginLimitPerAccount: number;
}

const ACCOUNT_WINDOW_MS = 15 * 60_000;

const loginBody = z
  .strictObject({ email: emailSchema, password: z.string().min(1).max(MAX_PASSWORD_LENGTH) })
  .meta({ id: 'LoginRequest' });

const loginAnswer = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('seconds'),
    user: userSchema,
  })
  .meta({ id: 'LoginAnswer' });

export function registerAuthRoutes(app: ApiApp, options: AuthRoutesOptions): void {
  registerLogin(app, options);
  registerMe(app, options);
}

function registerLogin(app: ApiApp, options: AuthRoutesOptions): void {
  const assertAccountLimit = accountLimit(app, options);
  app.route({
    method: 'POST',
    url: '/api/auth/login',
    config: { access: 'public', rateLimit: { max: options.loginLimitPerMinute, timeWindow: 60_000 } },
    schema: {
      tags: ['auth'],
      summary: 'Log in with e-mail and password',
      security: [],
      body: loginBody,
      response: {
        200: loginAnswer,
        ...errorResponses('VALIDATION_FAILED', 'INVALID_CREDENTIALS', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    handler: async (request, reply) => {
      await assertAccountLimit(request);
      const user = await options.users.findCredentials(request.body.email);
      const matches = await options.passwords.verify(user?.passwordHash, request.body.password);
      if (user === null || !matches || !user.isActive) {
        options.metrics.counter('auth_attempts_total').inc({ method: 'password', status: 'failure' });
        options.logger.warn({ event: 'login_refused', request_id: request.id }, 'login denied');
        throw new TriplineError('INVALID_CREDENTIALS', 'Wrong e-mail or password.');
      }
      options.metrics.counter('auth_attempts_total').inc({ method: 'password', status: 'success' });
      const { token, expiresInSeconds } = await options.tokens.issue(user.id);
      void reply.header('cache-control', 'no-store');
      return {
        access_token: token,
        token_type: 'Bearer' as const,
        expires_in: expiresInSeconds,
        user: userResource(user),
      };
    },
  });
}

/** Limits attempts per account, against guessing from many addresses. Unknown e-mails count like known ones. */
function accountLimit(app: ApiApp, options: AuthRoutesOptions): (request: FastifyRequest) => Promise<void> {
  const check = app.createRateLimit({
    max: options.loginLimitPerAccount,
    timeWindow: ACCOUNT_WINDOW_MS,
    keyGenerator: (request: FastifyRequest) => `account:${(request.body as z.output<typeof loginBody>).email}`,
  });
  return async (request) => {
    const limit = await check(request);
    if (!limit.isAllowed && limit.isExceeded) {
      options.metrics.counter('rate_limit_exceeded_total').inc({ endpoint: '/api/auth/login' });
      throw new TriplineError('RATE_LIMITED', 'Too many login attempts for this account.', {
        details: { retry_after_seconds: limit.ttlInSeconds },
      });
    }
  };
}

function registerMe(app: ApiApp, options: AuthRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/auth/me',
    schema: {
      tags: ['auth'],
      summary: 'Get the current user',
      response: { 200: userSchema, ...errorResponses('UNAUTHENTICATED') },
    },
    handler: async (request) => {
      const user = await options.users.findById(callerOf(request).id);
      if (user === null) {
        throw new TriplineError('UNAUTHENTICATED', 'The account of this token is inactive.');
      }
      return userResource(user);
    },
  });
}
