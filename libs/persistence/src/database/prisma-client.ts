import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';

import { PrismaClient } from '../generated/client';
import { classifyError } from './classify-error';
import type { DatabaseObserver } from './queryable';

export type TriplinePrismaClient = PrismaClient;

/**
 * Prisma on the pool of the hot paths, so that pool metrics and limits are the whole truth. Interactive transactions are
 * not used: they give up after two seconds with errors of their own.
 */
export function createPrismaClient(pool: Pool, observer: DatabaseObserver): TriplinePrismaClient {
  const onError = (error: Error): void => observer.onError?.({ type: classifyError(error).type, error });
  return new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false, onConnectionError: onError }),
    errorFormat: 'minimal',
  });
}
