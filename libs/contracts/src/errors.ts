/**
 * Every error code that Tripline shows to clients, with its HTTP status and what the client can do.
 * `docs/generated/errors.md` is generated from this list.
 */
export const ERROR_CODES = {
  VALIDATION_FAILED: { status: 400, help: 'Correct the fields named in `details` and send the request again.' },
  MALFORMED_REQUEST: { status: 400, help: 'Send a well-formed JSON body with Content-Type application/json.' },
  EVENT_TIME_IN_FUTURE: {
    status: 400,
    help: 'Send the time at which the event happened, at most five minutes ahead of the server clock.',
  },
  UNAUTHENTICATED: {
    status: 401,
    help: 'Log in at POST /api/auth/login and send the token as `Authorization: Bearer …`.',
  },
  INVALID_CREDENTIALS: { status: 401, help: 'Check the e-mail and password.' },
  WEBHOOK_REFUSED: {
    status: 401,
    help: "Send the webhook's secret as `Authorization: Bearer …`, or sign the call with it. The pipeline's owner can create a new secret.",
  },
  FORBIDDEN: { status: 403, help: 'Your role or permissions do not allow this: ask an administrator.' },
  NOT_FOUND: { status: 404, help: 'It does not exist or is not yours: check the id.' },
  CONFLICT: {
    status: 409,
    help: 'The name is taken, or the current state does not allow this: reload it and try again.',
  },
  LIMIT_REACHED: {
    status: 409,
    help: 'Delete one you no longer need, or ask an administrator to raise the limit named in `details`.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, help: 'Send less data in one request.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, help: 'Send Content-Type application/json.' },
  VENUE_NOT_PERMITTED: {
    status: 422,
    help: 'Use a venue listed by GET /api/venues, or ask an administrator to grant you this one.',
  },
  RESERVED_SOURCE: { status: 422, help: "Use another source name: this one is reserved for Tripline's services." },
  RATE_LIMITED: { status: 429, help: 'Retry after the number of seconds in `Retry-After`.' },
  INTERNAL: { status: 500, help: 'This is a fault in Tripline: report it with the request id.' },
  UNAVAILABLE: { status: 503, help: 'A server that Tripline depends on does not answer: try again shortly.' },
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error with a stable code that is safe to show to clients. `details` never contains secrets. */
export class TriplineError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, { cause: options.cause });
    this.name = 'TriplineError';
    this.code = code;
    this.details = options.details ?? {};
  }
}
