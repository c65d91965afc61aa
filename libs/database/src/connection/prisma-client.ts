import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';

import { PrismaClient } from '../generated/client';
import { classifyError } from './classify-error';
import { driverErrorOf } from './driver-errors';
import type { DatabaseObserver, QueryType } from './queryable';

export type TriplinePrismaClient = PrismaClient;

/**
 * Prisma on the pool of the hot paths, so that pool metrics and limits cover all connections. Interactive transactions
 * are not used: they time out after two seconds with errors of their own.
 */
export function createPrismaClient(pool: Pool, observer: DatabaseObserver): TriplinePrismaClient {
  const onError = (error: Error): void => observer.onError?.({ type: classifyError(driverErrorOf(error)).type, error });
  const client = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false, onConnectionError: onError }),
    errorFormat: 'minimal',
  });
  const observed = client.$extends({
    query: {
      $allOperations: async ({ operation, args, query }) => {
        const startedAt = performance.now();
        const report = (status: 'success' | 'error'): void =>
          observer.onQuery?.({
            type: typeOf(operation),
            status,
            seconds: (performance.now() - startedAt) / 1000,
          });
        try {
          const result: unknown = await query(args);
          report('success');
          return result;
        } catch (error) {
          report('error');
          throw driverErrorOf(error);
        }
      },
    },
  });
  // The extension changes no model and no result, only the type.
  return observed as unknown as TriplinePrismaClient;
}

function typeOf(operation: string): QueryType {
  if (/^(find|count|aggregate|groupBy)/.test(operation)) return 'select';
  if (operation.startsWith('create')) return 'insert';
  if (operation.startsWith('update') || operation === 'upsert') return 'update';
  return operation.startsWith('delete') ? 'delete' : 'other';
}
