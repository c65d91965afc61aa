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
 * Whose rows the caller of this request sees: his own. That holds for administrators too: managing accounts is no reason to read
 * somebody's trades, so the administrator's wider view of the repositories is not used here.
 */
export function viewerOf(request: FastifyRequest): Viewer {
  return { userId: callerOf(request).id, role: 'trader' };
}
