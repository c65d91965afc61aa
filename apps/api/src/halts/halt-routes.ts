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

/** Halts of these levels concern everybody: only an administrator changes them. */
const SHARED_LEVELS: readonly HaltLevel[] = ['global', 'ticker', 'venue'];

/** The kill switch. A trader stops himself and his own pipelines, an administrator everything. */
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
      description: 'Those that concern the caller; for an administrator all of them. Lifted ones stay as the audit.',
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
      summary: 'Read a halt',
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
        'Takes effect with the answer: no decision, start or order after it passes. It holds, also through restarts, until ' +
        'somebody lifts it. Where a halt of the same level and subject is in force, the stricter one holds.',
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
        'a halt was engaged',
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
      description: 'A trader lifts what he engaged himself; what an administrator engaged, an administrator lifts.',
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
      if (lifted === null) throw new TriplineError('CONFLICT', 'This halt was lifted before.');
      const { reason } = request.body;
      logger.warn({ event: 'halt_lifted', halt_id: halt.id, reason, user_id: caller.id }, 'a halt was lifted');
      return haltResource(lifted);
    },
  });

  async function assertMayLift(halt: HaltRecord, caller: Caller): Promise<void> {
    if (SHARED_LEVELS.includes(halt.level)) throw forbidden(halt.level);
    found((await isOwn(halt, caller, pipelines)) ? halt : null, 'halt');
    if (halt.engagedBy !== caller.id) {
      throw new TriplineError('FORBIDDEN', 'An administrator engaged this halt: ask one to lift it.');
    }
  }
}

/** Whether a halt of level user or pipeline is about the caller himself. */
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
  return new TriplineError('FORBIDDEN', `A halt of level ${level} concerns everybody: ask an administrator.`);
}
