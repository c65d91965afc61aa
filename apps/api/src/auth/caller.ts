import type { Permission } from '@tripline/contracts';
import type { Viewer } from '@tripline/paging';
import type { UserRole } from '@tripline/user-store';
import type { FastifyRequest } from 'fastify';

/** User roles. An `admin` also manages users and sees dead signals. */
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
 * The caller of a non-public route.
 *
 * @throws Error on a public route: a bug in our code, answered as INTERNAL.
 */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) {
    throw new Error('this route is public and has no caller');
  }
  return request.caller;
}

/**
 * Whose signals the caller sees: shared signals and their own, or all for an administrator. Administrators operate the system
 * and need to see its signals, unlike its users' trades: see `viewerOf`.
 */
export function signalViewerOf(request: FastifyRequest): Viewer {
  const { id, role } = callerOf(request);
  return { userId: id, role };
}

/**
 * Whose rows the caller sees: only their own. This includes administrators: managing accounts is no reason to read users'
 * trades, so the repositories' wider administrator view is not used here.
 */
export function viewerOf(request: FastifyRequest): Viewer {
  return { userId: callerOf(request).id, role: 'trader' };
}
