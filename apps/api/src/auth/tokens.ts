import { createSecretKey, randomUUID } from 'node:crypto';

import { TriplineError } from '@tripline/contracts';
import { errors, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'HS256';
const ISSUER = 'tripline';
const AUDIENCE = 'tripline-api';
/** Longer than any token we issue. Longer input is not parsed. */
const MAX_TOKEN_LENGTH = 2048;
/** Three parts of base64url without padding. Checked here because decoders are more lenient than the standard. */
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface IssuedToken {
  readonly token: string;
  /** Seconds until it expires. */
  readonly expiresInSeconds: number;
}

/** The claims of a token. It carries no role: that is read from the database on every request. */
export interface TokenClaims {
  readonly userId: string;
  readonly tokenId: string;
  /** Epoch seconds. */
  readonly issuedAtSeconds: number;
}

export type TokenRefusal = 'expired' | 'invalid';

/** A bearer token was denied. The reason becomes a metric label. */
export class TokenRefusedError extends TriplineError {
  readonly denial: TokenRefusal;

  constructor(denial: TokenRefusal, cause?: unknown) {
    super('UNAUTHENTICATED', denial === 'expired' ? 'The token has expired.' : 'The token is not valid.', { cause });
    this.name = 'TokenRefusedError';
    this.denial = denial;
  }
}

export interface Tokens {
  issue(userId: string): Promise<IssuedToken>;
  /** @throws TokenRefusedError */
  verify(token: string): Promise<TokenClaims>;
}

export interface TokenOptions {
  /** At least 32 characters. */
  secret: string;
  ttlMs: number;
  /** Epoch milliseconds. */
  now: () => number;
}

/** Issues and verifies JSON Web Tokens. Accepts only HS256 and requires iss, aud, iat, nbf, exp, jti and sub. */
export function createTokens(options: TokenOptions): Tokens {
  const key = createSecretKey(options.secret, 'utf8');
  const ttlSeconds = Math.floor(options.ttlMs / 1000);
  return {
    async issue(userId) {
      const issuedAt = Math.floor(options.now() / 1000);
      const token = await new SignJWT()
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(issuedAt + ttlSeconds)
        .sign(key);
      return { token, expiresInSeconds: ttlSeconds };
    },
    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH || !COMPACT_JWS.test(token)) {
        throw new TokenRefusedError('invalid');
      }
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          typ: 'JWT',
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'jti', 'iat', 'nbf', 'exp'],
          maxTokenAge: ttlSeconds,
          currentDate: new Date(options.now()),
        });
        if (typeof payload.sub !== 'string' || !UUID.test(payload.sub) || typeof payload.jti !== 'string') {
          throw new TokenRefusedError('invalid');
        }
        return { userId: payload.sub, tokenId: payload.jti, issuedAtSeconds: payload.iat ?? 0 };
      } catch (error) {
        if (error instanceof TokenRefusedError) {
          throw error;
        }
        throw new TokenRefusedError(error instanceof errors.JWTExpired ? 'expired' : 'invalid', error);
      }
    },
  };
}
