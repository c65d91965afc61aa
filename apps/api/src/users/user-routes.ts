import { TriplineError } from '@tripline/contracts';
import { DuplicateError } from '@tripline/database';
import type { UserRepository } from '@tripline/user-store';
import { z } from 'zod';

import { callerOf } from '../auth/caller';
import type { Passwords } from '../auth/passwords';
import type { UserDirectory } from '../auth/user-directory';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema } from '../http/schemas';
import { userChangeBody, userCreateBody, userResource, userSchema } from './user-schemas';

export interface UserRoutesOptions {
  users: UserRepository;
  directory: UserDirectory;
  passwords: Passwords;
}

const ADMIN_ONLY = { access: ['admin'] } as const;

/** Accounts, for administrators. */
export function registerUserRoutes(app: ApiApp, options: UserRoutesOptions): void {
  registerCreateUser(app, options);
  registerReadUsers(app, options);
  registerChangeUser(app, options);
}

function registerCreateUser(app: ApiApp, { users, passwords }: UserRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/users',
    config: ADMIN_ONLY,
    schema: {
      tags: ['users'],
      summary: 'Create an account',
      body: userCreateBody,
      response: {
        201: userSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'CONFLICT', 'PAYLOAD_TOO_LARGE'),
      },
    },
    handler: async (request, reply) => {
      const { email, password, role } = request.body;
      const user = await users
        .create({ email, passwordHash: await passwords.hash(password), role })
        .catch((error: unknown) => {
          throw error instanceof DuplicateError
            ? new TriplineError('CONFLICT', 'An account with this e-mail already exists.', { cause: error })
            : error;
        });
      return reply.code(201).header('location', `/api/users/${user.id}`).send(userResource(user));
    },
  });
}

function registerReadUsers(app: ApiApp, { users }: UserRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/users',
    config: ADMIN_ONLY,
    schema: {
      tags: ['users'],
      summary: 'List accounts',
      response: { 200: z.object({ items: z.array(userSchema) }), ...errorResponses('UNAUTHENTICATED', 'FORBIDDEN') },
    },
    handler: async () => ({ items: (await users.list()).map(userResource) }),
  });
  app.route({
    method: 'GET',
    url: '/api/users/:id',
    config: ADMIN_ONLY,
    schema: {
      tags: ['users'],
      summary: 'Get an account',
      params: idParamsSchema,
      response: {
        200: userSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    handler: async (request) => userResource(found(await users.findById(request.params.id), 'user')),
  });
}

function registerChangeUser(app: ApiApp, { users, directory, passwords }: UserRoutesOptions): void {
  app.route({
    method: 'PATCH',
    url: '/api/users/:id',
    config: ADMIN_ONLY,
    schema: {
      tags: ['users'],
      summary: "Change an account's role, status or password",
      params: idParamsSchema,
      body: userChangeBody,
      response: {
        200: userSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'),
      },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { role, is_active: isActive, password } = request.body;
      if (id === callerOf(request).id && (isActive === false || (role !== undefined && role !== 'admin'))) {
        throw new TriplineError('CONFLICT', 'You cannot demote or deactivate your own account.');
      }
      const passwordHash = password === undefined ? undefined : await passwords.hash(password);
      const changed = await users.update(id, { role, isActive, passwordHash });
      directory.forget(id);
      return userResource(found(changed, 'user'));
    },
  });
}
