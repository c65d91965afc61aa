import type { Secret } from '@tripline/runtime';
import { z } from 'zod';

import { MessagingError } from '../errors';

export interface OauthClient {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope?: string;
}

const tokenResponseSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().optional() });

const REQUEST_TIMEOUT_MS = 10_000;
/** A token is renewed this long before it expires, so a slow handshake does not use an expired one. */
const RENEW_EARLY_MS = 30_000;
/** Default lifetime, because RFC 6749 lets a server omit `expires_in`. */
const DEFAULT_LIFETIME_SECONDS = 300;

/**
 * Fetches access tokens with OAuth 2.0 client credentials (RFC 6749 §4.4) and caches each until shortly before it expires.
 * Concurrent callers share one request.
 * @throws MessagingError of kind `authentication`; its text never contains the secret or the server's answer
 */
export function createTokenProvider(
  client: OauthClient,
  deps: { fetch?: typeof fetch; monotonicMs?: () => number } = {},
): () => Promise<{ value: string }> {
  const monotonicMs = deps.monotonicMs ?? (() => performance.now());
  let cached: { value: string; renewAt: number } | undefined;
  let inFlight: Promise<{ value: string }> | undefined;

  async function renew(): Promise<{ value: string }> {
    const requestedAt = monotonicMs();
    const token = await requestToken(client, deps.fetch ?? fetch);
    const lifetimeMs = (token.expires_in ?? DEFAULT_LIFETIME_SECONDS) * 1000;
    cached = {
      value: token.access_token,
      renewAt: requestedAt + Math.max(lifetimeMs - RENEW_EARLY_MS, lifetimeMs / 2),
    };
    return { value: cached.value };
  }

  return async () => {
    if (cached !== undefined && monotonicMs() < cached.renewAt) return { value: cached.value };
    inFlight ??= renew().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };
}

async function requestToken(client: OauthClient, send: typeof fetch): Promise<z.infer<typeof tokenResponseSchema>> {
  const credentials = `${encodeURIComponent(client.clientId)}:${encodeURIComponent(client.clientSecret.reveal())}`;
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  if (client.scope !== undefined) body.set('scope', client.scope);
  try {
    const response = await send(client.tokenEndpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}`, accept: 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (!response.ok) throw new MessagingError('authentication', `the token endpoint answered ${response.status}`);
    return tokenResponseSchema.parse(await response.json());
  } catch (error) {
    if (error instanceof MessagingError) throw error;
    // The cause is left out: a parse error would quote the answer, which may contain a token.
    const name = error instanceof Error ? error.name : 'unknown error';
    throw new MessagingError('authentication', `no access token from the token endpoint (${name})`);
  }
}
