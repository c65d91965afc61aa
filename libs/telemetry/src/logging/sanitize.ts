/**
 * The second wall against leaks: secrets are a wrapper type in the first place, and are never put on a line. Here
 * whatever sits under a telling key is replaced, and credentials inside URLs are cut out.
 */
const SENSITIVE_KEY =
  /pass(word|wd|phrase)|secret|authorization|cookie|credential|(api|private|access|signing)key|(^|access|refresh|bearer|id|auth|session|csrf|webhook)token$|^jwt$|^dsn$|connectionstring/;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;

export const REDACTED = '[redacted]';

/** Keys of the line itself; a field of the same name would make a line with a double key. */
const RESERVED_KEYS = new Set(['timestamp', 'level', 'message', 'service']);
const MAX_DEPTH = 6;
const MAX_TEXT_LENGTH = 8_192;
const MAX_ITEMS = 100;

/** Fields as they may be written: flat errors, nothing sensitive, bounded. */
export function sanitizeFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value instanceof Error) Object.assign(line, flattenError(key, value));
    else line[RESERVED_KEYS.has(key) ? `field_${key}` : key] = sanitizeValue(key, value, 0, []);
  }
  return line;
}

/** `err` and `error` become error_type, error_message, error_code, error_stack, error_cause; other keys prefix theirs. */
function flattenError(key: string, error: Error): Record<string, unknown> {
  const prefix = key === 'err' ? 'error' : key;
  const { code } = error as { code?: unknown };
  return {
    [`${prefix}_type`]: error.name,
    [`${prefix}_message`]: redactText(error.message),
    ...((typeof code === 'string' || typeof code === 'number') && { [`${prefix}_code`]: code }),
    ...(error.stack !== undefined && { [`${prefix}_stack`]: redactText(error.stack) }),
    ...(error.cause instanceof Error && {
      [`${prefix}_cause`]: redactText(`${error.cause.name}: ${error.cause.message}`),
    }),
  };
}

function sanitizeValue(key: string, value: unknown, depth: number, seen: readonly object[]): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (isSensitive(key)) return REDACTED;
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return typeof value === 'symbol' ? value.toString() : undefined;
  if (seen.includes(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[too deep]';
  return sanitizeObject(key, value, depth, [...seen, value]);
}

function sanitizeObject(key: string, value: object, depth: number, seen: readonly object[]): unknown {
  if (value instanceof Error) return flattenError('error', value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`;
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ITEMS).map((item: unknown) => sanitizeValue(key, item, depth + 1, seen));
  }
  if (value instanceof Map || value instanceof Set) return sanitizeObject(key, [...value], depth, seen);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return sanitizeValue(key, value.toJSON(), depth + 1, seen);
  }
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value).slice(0, MAX_ITEMS)) {
    copy[name] = sanitizeValue(name, item, depth + 1, seen);
  }
  return copy;
}

function isSensitive(key: string): boolean {
  return SENSITIVE_KEY.test(key.toLowerCase().replaceAll(/[_.\s-]/g, ''));
}

/** Cuts user and password out of URLs and credentials out of Authorization values; bounds the length. */
export function redactText(text: string): string {
  const bounded = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
  return bounded.replaceAll(URL_CREDENTIALS, `$1${REDACTED}@`).replaceAll(BEARER, `$1 ${REDACTED}`);
}
