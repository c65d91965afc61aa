/**
 * The code of an error reply, e.g. `READONLY` or `NOSCRIPT`; null for any other error. The Redis protocol has no field for the
 * code: it is the first word of the reply, in capitals. Only this function reads it.
 */
export function replyCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  return /^([A-Z]+) /.exec(error.message)?.[1] ?? null; // eslint-disable-line no-restricted-syntax -- the protocol's own code
}
