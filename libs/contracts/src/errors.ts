/**
 * Every error code Tripline gives to the outside, with its HTTP status and what the reader can do.
 * `docs/generated/errors.md` is written from this list.
 */
export const ERROR_CODES = {
  VALIDATION_FAILED: { status: 400, help: 'Correct the fields named in `details` and send the request again.' },
  MALFORMED_REQUEST: { status: 400, help: 'Send a well-formed JSON body with Content-Type application/json.' },
  EVENT_TIME_IN_FUTURE: {
    status: 400,
    help: 'Send the time at which the event happened, at most five minutes ahead of the clock of the server.',
  },
  UNAUTHENTICATED: {
    status: 401,
    help: 'Log in at POST /api/auth/login and send the token as `Authorization: Bearer …`.',
  },
  INVALID_CREDENTIALS: { status: 401, help: 'Check e-mail and password.' },
  WEBHOOK_REFUSED: {
    status: 401,
    help: 'Send the secret of the webhook as `Authorization: Bearer …`, or sign the call; the owner of the pipeline can make a new secret.',
  },
  FORBIDDEN: { status: 403, help: 'Ask an administrator: your role does not allow this.' },
  NOT_FOUND: { status: 404, help: 'The thing does not exist or is not yours.' },
  CONFLICT: { status: 409, help: 'The name is taken or the thing was changed meanwhile: load it again.' },
  LIMIT_REACHED: {
    status: 409,
    help: 'You own as many as one user may: delete one you no longer need, or ask an administrator to raise the limit in `details`.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, help: 'Send less data in one request.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, help: 'Send Content-Type application/json.' },
  VENUE_NOT_PERMITTED: {
    status: 422,
    help: 'Name a venue of GET /api/venues, or ask an administrator to grant you this one.',
  },
  RESERVED_SOURCE: { status: 422, help: 'Name a source of your own: this one belongs to the services of Tripline.' },
  RATE_LIMITED: { status: 429, help: 'Wait for the seconds in `Retry-After`.' },
  INTERNAL: { status: 500, help: 'Our fault: report it with the request id.' },
  UNAVAILABLE: { status: 503, help: 'A server Tripline depends on does not answer: try again shortly.' },
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error with a stable code that may be shown to the outside; `details` never holds secrets. */
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
