import { ERROR_CODES, TriplineError, type ErrorCode } from '@tripline/contracts';
import { MessagingError } from '@tripline/messaging';
import {
  classifyError,
  type DatabaseErrorType,
  DatabaseUnavailableError,
  DuplicateError,
  InvalidCursorError,
  LimitReachedError,
  ReferencedError,
  VersionConflictError,
} from '@tripline/database';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

import type { ErrorEnvelope } from './error-schemas';

/** At most this many field errors are listed in one response. */
const MAX_LISTED_ISSUES = 20;

/** Maps Fastify's stable error codes to ours. */
const FRAMEWORK_ERRORS: Readonly<Record<string, { code: ErrorCode; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'PAYLOAD_TOO_LARGE', message: 'The request body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'This content type is not supported.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'MALFORMED_REQUEST', message: 'The request body is empty.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'MALFORMED_REQUEST', message: 'The request body is not valid JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'MALFORMED_REQUEST',
    message: 'The length of the request body differs from Content-Length.',
  },
  FST_ERR_BAD_URL: { code: 'MALFORMED_REQUEST', message: 'The path is not a valid URL.' },
  FST_ERR_HANDLER_TIMEOUT: { code: 'UNAVAILABLE', message: 'The request timed out.' },
};

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'MALFORMED_REQUEST',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'UNAVAILABLE',
};

/** Database failures that are transient: the request itself is valid and can be retried. */
const PASSING_FAILURES: readonly DatabaseErrorType[] = [
  'connection',
  'timeout',
  'pool_exhausted',
  'serialization',
  'deadlock',
  'shutdown',
  'resources',
];

/** Converts any thrown value to a {@link TriplineError}. An unknown error becomes `INTERNAL` and hides its cause. */
export function toTriplineError(error: unknown): TriplineError {
  if (error instanceof TriplineError) {
    return error;
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'body');
    const issues = error.validation.slice(0, MAX_LISTED_ISSUES).map((issue) => ({
      in: place,
      path: issue.instancePath.replace(/^\//, '').replaceAll('/', '.'),
      message: issue.message,
    }));
    const first = issues[0];
    const subject = first?.path ? `${place} field ${first.path}` : place;
    return new TriplineError('VALIDATION_FAILED', `Invalid ${subject}: ${first?.message}`, {
      details: { issues },
    });
  }
  return fromAdapterError(error) ?? fromForeignError(error);
}

/** Errors that our libraries define. */
function fromAdapterError(error: unknown): TriplineError | undefined {
  if (error instanceof DuplicateError) {
    return new TriplineError('CONFLICT', 'You already have one with this name.', { cause: error });
  }
  if (error instanceof VersionConflictError) {
    return new TriplineError('CONFLICT', 'It has changed since you read it.', {
      cause: error,
      details: { current_version: error.currentVersion },
    });
  }
  if (error instanceof ReferencedError) {
    return new TriplineError('CONFLICT', 'It is in use, or it refers to something that does not exist.', {
      cause: error,
    });
  }
  if (error instanceof LimitReachedError) {
    const { resource, limit } = error;
    const message = `You have reached the limit of ${limit} ${resource.replaceAll('_', ' ')}.`;
    return new TriplineError('LIMIT_REACHED', message, { cause: error, details: { resource, limit } });
  }
  if (error instanceof InvalidCursorError) {
    const issues = [{ in: 'query', path: 'cursor', message: 'use the `next_cursor` of the previous page' }];
    return new TriplineError('VALIDATION_FAILED', 'Invalid cursor.', { cause: error, details: { issues } });
  }
  if (error instanceof DatabaseUnavailableError || error instanceof MessagingError) {
    return new TriplineError('UNAVAILABLE', 'A server that Tripline depends on does not answer.', { cause: error });
  }
  return undefined;
}

function fromForeignError(error: unknown): TriplineError {
  const { code, statusCode } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    statusCode?: unknown;
  };
  const framework = typeof code === 'string' ? FRAMEWORK_ERRORS[code] : undefined;
  if (framework !== undefined) {
    return new TriplineError(framework.code, framework.message, { cause: error });
  }
  if (PASSING_FAILURES.includes(classifyError(error).type)) {
    return new TriplineError('UNAVAILABLE', 'A server that Tripline depends on does not answer.', { cause: error });
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 && statusCode !== 500) {
    const known = CODE_BY_STATUS[statusCode] ?? (statusCode < 500 ? 'MALFORMED_REQUEST' : 'INTERNAL');
    const message = known === 'INTERNAL' ? 'Internal error.' : 'Invalid request.';
    return new TriplineError(known, message, { cause: error });
  }
  return new TriplineError('INTERNAL', 'Internal error.', { cause: error });
}

/** The response body for an error. Never contains a stack trace or the cause. */
export function errorEnvelope(error: TriplineError, requestId: string): ErrorEnvelope {
  return {
    error: {
      code: error.code,
      message: error.message,
      help: ERROR_CODES[error.code].help,
      ...(Object.keys(error.details).length > 0 ? { details: error.details } : {}),
      request_id: requestId,
    },
  };
}
