import { TriplineError } from '@tripline/contracts';
import { PAPER_VENUE } from '@tripline/risk';
import { DuplicateError } from '@tripline/database';
import type { VenueRepository } from '@tripline/trading-store';
import type { UserRepository } from '@tripline/user-store';
import type { Logger } from '@tripline/telemetry';
import { z } from 'zod';

import { callerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import {
  venueChangeBody,
  venueCreateBody,
  venueGrantParams,
  venueParams,
  venueResource,
  venueSchema,
} from './venue-schemas';

export interface VenueRoutesOptions {
  readonly venues: VenueRepository;
  readonly users: Pick<UserRepository, 'findById'>;
  readonly logger: Logger;
}

const tags = ['venues'];
const ADMIN_ONLY = { access: ['admin' as const] };
const CHANGE_ERRORS = ['VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'] as const;

/** External venues. Administrators create and grant them; users see the venues they may use. */
export function registerVenueRoutes(app: ApiApp, options: VenueRoutesOptions): void {
  registerList(app, options);
  registerCreate(app, options);
  registerChange(app, options);
  registerGrants(app, options);
}

function registerList(app: ApiApp, { venues }: VenueRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/venues',
    schema: {
      tags,
      summary: 'List venues',
      description: 'Lists the venues you may use. Administrators see all venues and the users who may use them.',
      response: { 200: z.object({ items: z.array(venueSchema) }), ...errorResponses('UNAUTHENTICATED') },
    },
    handler: async (request) => {
      const caller = callerOf(request);
      const paper = { name: PAPER_VENUE, is_enabled: true };
      if (caller.role === 'admin') return { items: [paper, ...(await venues.list()).map(venueResource)] };
      const granted = await venues.listGranted(caller.id);
      return { items: [paper, ...granted.map((name) => ({ name, is_enabled: true }))] };
    },
  });
}

function registerCreate(app: ApiApp, { venues, logger }: VenueRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/venues',
    config: ADMIN_ONLY,
    schema: {
      tags,
      summary: 'Create a venue',
      description:
        'A venue must be granted to users before they can trade there. Its credentials are configured in the worker.',
      body: venueCreateBody,
      response: {
        201: venueSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'CONFLICT', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    handler: async (request, reply) => {
      const { name } = request.body;
      const createdBy = callerOf(request).id;
      const venue = await venues.create(name, createdBy).catch((error: unknown) => {
        throw error instanceof DuplicateError
          ? new TriplineError('CONFLICT', 'A venue with this name already exists.', { cause: error })
          : error;
      });
      logger.info({ event: 'venue_created', venue: name, user_id: createdBy }, 'venue created');
      return reply.code(201).header('location', `/api/venues/${name}`).send(venueResource(venue));
    },
  });
}

function registerChange(app: ApiApp, { venues, logger }: VenueRoutesOptions): void {
  app.route({
    method: 'PATCH',
    url: '/api/venues/:name',
    config: ADMIN_ONLY,
    schema: {
      tags,
      summary: 'Enable or disable a venue',
      description: 'While a venue is disabled, executions that would trade there are skipped.',
      params: venueParams,
      body: venueChangeBody,
      response: { 200: venueSchema, ...errorResponses(...CHANGE_ERRORS, 'UNSUPPORTED_MEDIA_TYPE') },
    },
    handler: async (request) => {
      const { name } = request.params;
      const isEnabled = request.body.is_enabled;
      const venue = found(await venues.setEnabled(name, isEnabled), 'venue');
      const fields = { event: 'venue_changed', venue: name, is_enabled: isEnabled, user_id: callerOf(request).id };
      logger.info(fields, 'venue changed');
      return venueResource(venue);
    },
  });
}

function registerGrants(app: ApiApp, { venues, users, logger }: VenueRoutesOptions): void {
  const url = '/api/venues/:name/users/:id';
  const response = { 200: venueSchema, ...errorResponses(...CHANGE_ERRORS) };
  app.route({
    method: 'PUT',
    url,
    config: ADMIN_ONLY,
    schema: { tags, summary: 'Grant a venue to a user', params: venueGrantParams, response },
    handler: async (request) => {
      const { name, id } = request.params;
      const grantedBy = callerOf(request).id;
      found(await users.findById(id), 'user');
      const venue = found(await venues.grant(name, id, grantedBy), 'venue');
      logger.info({ event: 'venue_granted', venue: name, granted_to: id, user_id: grantedBy }, 'venue granted');
      return venueResource(venue);
    },
  });
  app.route({
    method: 'DELETE',
    url,
    config: ADMIN_ONLY,
    schema: {
      tags,
      summary: "Revoke a user's grant of a venue",
      description:
        "The user's pipelines send no new orders there. Orders already at the venue stay, and their fills are still recorded.",
      params: venueGrantParams,
      response,
    },
    handler: async (request) => {
      const { name, id } = request.params;
      const venue = found(await venues.revoke(name, id), 'venue');
      const fields = { event: 'venue_revoked', venue: name, revoked_from: id, user_id: callerOf(request).id };
      logger.info(fields, 'venue revoked');
      return venueResource(venue);
    },
  });
}
