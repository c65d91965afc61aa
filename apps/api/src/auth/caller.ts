import type { Permission } from '@tripline/contracts';
import type { Viewer } from '@tripline/paging';
import type { UserRole } from '@tripline/user-store';
import type { FastifyRequest } from 'fastify';

/** Roles of users: an `admin` also manages users and sees dead signals. */
export const ROLES = ['admin', 'trader'] as const satisfies readonly UserRole[];
export type Role = (typeof ROLES)[number];

/** The user on whose behalf a request runs. */
export interface Caller {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
}

/**
 * The caller of a route that is not public.
 *
 * @throws Error when used on a public route: a mistake in our code, answered as INTERNAL.
 */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) {
    throw new Error('this route is public and has no caller');
  }
  return request.caller;
}

/**
 * Whose signals the caller sees: the shared ones and their own, an administrator all. Signals are what goes through the system, which
 * administrators operate; trades are not, see `viewerOf`.
 */
export function signalViewerOf(request: FastifyRequest): Viewer {
  const { id, role } = callerOf(request);
  return { userId: id, role };
}

/**
 * Whose rows the caller of this request sees: his own. That holds for administrators too: managing accounts is no reason to read
 * somebody's trades, so the administrator's wider view of the repositories is not used here.
 */
export function viewerOf(request: FastifyRequest): Viewer {
  return { userId: callerOf(request).id, role: 'trader' };
}
