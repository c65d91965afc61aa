import { TriplineError } from '@tripline/contracts';
import type { Halt, HaltLevel } from '@tripline/risk';
import type { PipelineRepository } from '@tripline/pipeline-store';
import type { HaltRecord, HaltStore } from '@tripline/trading-store';
import type { UserRepository } from '@tripline/user-store';
import type { Logger } from '@tripline/telemetry';

import { type Caller, callerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema } from '../http/schemas';
import {
  engagedHaltResource,
  engagedHaltSchema,
  haltBody,
  haltListQuery,
  haltPage,
  haltResource,
  haltSchema,
  liftBody,
} from './halt-schemas';

export interface HaltRoutesOptions {
  readonly halts: Omit<HaltStore, 'loadActive'>;
  readonly pipelines: Pick<PipelineRepository, 'find'>;
  readonly users: Pick<UserRepository, 'findById'>;
  readonly logger: Logger;
}

/** Halts of these levels affect every user, so only an administrator can change them. */
const SHARED_LEVELS: readonly HaltLevel[] = ['global', 'ticker', 'venue'];

/** The kill switch. Traders can halt themselves and their own pipelines; administrators can halt everything. */
export function registerHaltRoutes(app: ApiApp, options: HaltRoutesOptions): void {
  registerReadHalts(app, options);
  registerEngage(app, options);
  registerLift(app, options);
}

function registerReadHalts(app: ApiApp, { halts, pipelines }: HaltRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/halts',
    schema: {
      tags: ['halts'],
      summary: 'List halts, newest first',
      description: 'Lists the halts that affect you; administrators see all. Lifted halts are kept for the audit.',
      querystring: haltListQuery,
      response: { 200: haltPage, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED') },
    },
    handler: async (request) => {
      const caller = callerOf(request);
      const { is_active: isActive, ...page } = request.query;
      const userId = caller.role === 'admin' ? undefined : caller.id;
      const { items, nextCursor } = await halts.list({ ...page, isActive, userId });
      return { items: items.map(haltResource), next_cursor: nextCursor };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/halts/:id',
    schema: {
      tags: ['halts'],
      summary: 'Get a halt',
      params: idParamsSchema,
      response: { 200: haltSchema, ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND') },
    },
    handler: async (request) => {
      const halt = found(await halts.find(request.params.id), 'halt');
      const isVisible = SHARED_LEVELS.includes(halt.level) || (await isOwn(halt, callerOf(request), pipelines));
      return haltResource(found(isVisible ? halt : null, 'halt'));
    },
  });
}

function registerEngage(app: ApiApp, { halts, pipelines, users, logger }: HaltRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/halts',
    schema: {
      tags: ['halts'],
      summary: 'Engage a halt',
      description:
        'Takes effect before the response is sent: every later decision, start and order is checked against it. Stays in force across restarts until it is lifted. If several halts apply to the ' +
        'same level and subject, the strictest one wins.',
      body: haltBody,
      response: {
        201: engagedHaltSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const { level, mode, reason } = request.body;
      const subject = request.body.subject ?? (level === 'user' ? caller.id : '');
      await assertMayEngage();
      const engaged = await halts.engage({ level, subject, mode, reason, engagedBy: caller.id });
      logger.warn(
        { event: 'halt_engaged', halt_id: engaged.halt.id, level, subject, mode, reason, user_id: caller.id },
        'halt engaged',
      );
      return reply.code(201).header('location', `/api/halts/${engaged.halt.id}`).send(engagedHaltResource(engaged));

      async function assertMayEngage(): Promise<void> {
        if (SHARED_LEVELS.includes(level) && caller.role !== 'admin') throw forbidden(level);
        const isThere = caller.role === 'admin' ? exists() : isOwn({ level, subject }, caller, pipelines);
        if (!SHARED_LEVELS.includes(level)) found((await isThere) ? level : null, level);
      }

      async function exists(): Promise<boolean> {
        if (level === 'user') return (await users.findById(subject)) !== null;
        return (await pipelines.find({ userId: caller.id, role: 'admin' }, subject)) !== null;
      }
    },
  });
}

function registerLift(app: ApiApp, { halts, pipelines, logger }: HaltRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/halts/:id/lift',
    schema: {
      tags: ['halts'],
      summary: 'Lift a halt',
      description:
        'Traders can lift the halts they engaged themselves. Only an administrator can lift a halt that an administrator engaged.',
      params: idParamsSchema,
      body: liftBody,
      response: {
        200: haltSchema,
        ...errorResponses(
          'VALIDATION_FAILED',
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'CONFLICT',
          'UNSUPPORTED_MEDIA_TYPE',
        ),
      },
    },
    handler: async (request) => {
      const caller = callerOf(request);
      const halt = found(await halts.find(request.params.id), 'halt');
      if (caller.role !== 'admin') await assertMayLift(halt, caller);
      const lifted = await halts.lift(halt.id, caller.id, request.body.reason);
      if (lifted === null) throw new TriplineError('CONFLICT', 'This halt has already been lifted.');
      const { reason } = request.body;
      logger.warn({ event: 'halt_lifted', halt_id: halt.id, reason, user_id: caller.id }, 'halt lifted');
      return haltResource(lifted);
    },
  });

  async function assertMayLift(halt: HaltRecord, caller: Caller): Promise<void> {
    if (SHARED_LEVELS.includes(halt.level)) throw forbidden(halt.level);
    found((await isOwn(halt, caller, pipelines)) ? halt : null, 'halt');
    if (halt.engagedBy !== caller.id) {
      throw new TriplineError('FORBIDDEN', 'Only an administrator can lift this halt.');
    }
  }
}

/** Whether a halt of level user or pipeline concerns the caller. */
async function isOwn(
  { level, subject }: Pick<Halt, 'level' | 'subject'>,
  caller: Caller,
  pipelines: Pick<PipelineRepository, 'find'>,
): Promise<boolean> {
  if (caller.role === 'admin') return true;
  if (level === 'user') return subject === caller.id;
  return level === 'pipeline' && (await pipelines.find({ userId: caller.id, role: 'trader' }, subject)) !== null;
}

function forbidden(level: HaltLevel): TriplineError {
  return new TriplineError('FORBIDDEN', `Only an administrator can change halts of level ${level}.`);
}
