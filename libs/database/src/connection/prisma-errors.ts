import { Prisma } from '../generated/client';
import { classifyError } from './classify-error';
import { DuplicateError, ReferencedError } from './errors';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

/** Translates unique- and foreign-key errors of Prisma and pg into our own errors. Other errors are unchanged. */
function translateConstraintError(error: unknown): unknown {
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    if (error.code === 'P2002') return new DuplicateError(String(error.meta?.['modelName'] ?? ''), { cause: error });
    if (error.code === 'P2003')
      return new ReferencedError('the row is in use or references a missing row', { cause: error });
    return error;
  }
  const { sqlState, constraint } = classifyError(error);
  if (sqlState === UNIQUE_VIOLATION) return new DuplicateError(constraint ?? '', { cause: error });
  if (sqlState === FOREIGN_KEY_VIOLATION) {
    return new ReferencedError('the row is in use or references a missing row', { cause: error });
  }
  return error;
}

/** Runs `work` and throws translated errors. */
export async function withConstraintErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateConstraintError(error);
  }
}
