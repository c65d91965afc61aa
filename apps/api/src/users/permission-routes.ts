import { PERMISSIONS } from '@tripline/contracts';
import type { UserRepository } from '@tripline/user-store';
import type { Logger } from '@tripline/telemetry';
import { z } from 'zod';

import { callerOf } from '../auth/caller';
import type { UserDirectory } from '../auth/user-directory';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema } from '../http/schemas';
import { userResource, userSchema } from './user-schemas';

export interface PermissionRoutesOptions {
  readonly users: Pick<UserRepository, 'setPermissions'>;
  readonly directory: UserDirectory;
  readonly logger: Logger;
}

const permissionsBody = z
  .strictObject({ permissions: z.array(z.enum(PERMISSIONS)).max(PERMISSIONS.length) })
  .meta({ id: 'UserPermissions' });

/** Permissions beyond the role, granted and revoked by administrators. */
export function registerPermissionRoutes(app: ApiApp, { users, directory, logger }: PermissionRoutesOptions): void {
  app.route({
    method: 'PUT',
    url: '/api/users/:id/permissions',
    config: { access: ['admin'] },
    schema: {
      tags: ['users'],
      summary: "Set an account's permissions",
      description:
        "Replaces the list. `publish:shared` lets the user publish signals that can start every user's pipelines; no account has it by " +
        'default, not even an administrator. A change takes effect within five seconds.',
      params: idParamsSchema,
      body: permissionsBody,
      response: {
        200: userSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'),
      },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { permissions } = request.body;
      const user = found(await users.setPermissions(id, permissions), 'user');
      directory.forget(id);
      logger.info(
        { event: 'permissions_set', user_id: id, set_by: callerOf(request).id, permissions: user.permissions },
        'permissions set',
      );
      return userResource(user);
    },
  });
}
