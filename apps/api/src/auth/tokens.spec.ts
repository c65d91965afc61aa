import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';

import { createTokens, TokenRefusedError } from './tokens';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const NOW = Date.UTC(2026, 0, 1);
const SECONDS = NOW / 1000;
const USER = randomUUID();

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const sign = (header: unknown, payload: unknown, secret = SECRET, hash = 'sha256'): string => {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
};
const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = {
  iss: 'tripline',
  aud: 'tripline-api',
  sub: USER,
  jti: randomUUID(),
  iat: SECONDS,
  nbf: SECONDS,
  exp: SECONDS + 3600,
};
const without = (claim: keyof typeof CLAIMS) => {
  const { [claim]: _left, ...rest } = CLAIMS;
  return rest;
};
const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
const good = sign(HEADER, CLAIMS);

const BAD_TOKENS: [string, string][] = [
  ['nothing', ''],
  ['one part', 'abc'],
  ['two parts', good.split('.').slice(0, 2).join('.')],
  ['four parts', `${good}.x`],
  ['no signature', `${good.split('.').slice(0, 2).join('.')}.`],
  ['a signature that lost its last character', good.slice(0, -1)],
  ['a changed payload', [good.split('.')[0], encode({ ...CLAIMS, sub: randomUUID() }), good.split('.')[2]].join('.')],
  ['alg none', `${encode({ alg: 'none', typ: 'JWT' })}.${encode(CLAIMS)}.`],
  ['alg None with a signature', sign({ ...HEADER, alg: 'None' }, CLAIMS)],
  ['alg NONE', `${encode({ alg: 'NONE', typ: 'JWT' })}.${encode(CLAIMS)}.`],
  ['alg HS384', sign({ ...HEADER, alg: 'HS384' }, CLAIMS, SECRET, 'sha384')],
  ['alg HS512', sign({ ...HEADER, alg: 'HS512' }, CLAIMS, SECRET, 'sha512')],
  ['alg RS256 signed with the secret', sign({ ...HEADER, alg: 'RS256' }, CLAIMS)],
  ['HS256 signed with a public key', sign(HEADER, CLAIMS, String(publicKey))],
  ['HS256 signed with a public key behind blanks', sign(HEADER, CLAIMS, ` \n${String(publicKey)}`)],
  ['HS256 signed with an empty secret', sign(HEADER, CLAIMS, '')],
  ['another secret', sign(HEADER, CLAIMS, 'another-secret-of-thirty-two-characters!')],
  ['no alg', sign({ typ: 'JWT' }, CLAIMS)],
  ['another type', sign({ ...HEADER, typ: 'at+jwt' }, CLAIMS)],
  ['no type', sign({ alg: 'HS256' }, CLAIMS)],
  ['a critical extension', sign({ ...HEADER, crit: ['exp'] }, CLAIMS)],
  ['b64 false', sign({ ...HEADER, b64: false, crit: ['b64'] }, CLAIMS)],
  ['a key id that is a path, other key', sign({ ...HEADER, kid: '../../dev/null' }, CLAIMS, '')],
  ['an embedded key', sign({ ...HEADER, jwk: { kty: 'oct', k: encode('x') } }, CLAIMS, 'x')],
  ['expired', sign(HEADER, { ...CLAIMS, iat: SECONDS - 4000, nbf: SECONDS - 4000, exp: SECONDS - 1 })],
  ['not yet valid', sign(HEADER, { ...CLAIMS, nbf: SECONDS + 60 })],
  ['issued in the future', sign(HEADER, { ...CLAIMS, iat: SECONDS + 60 })],
  ['older than its time to live, far expiry', sign(HEADER, { ...CLAIMS, iat: SECONDS - 7200, exp: SECONDS + 99999 })],
  ['exp as text', sign(HEADER, { ...CLAIMS, exp: String(SECONDS + 3600) })],
  ['exp beyond numbers', sign(HEADER, `{"exp":1e999,"iss":"tripline","aud":"tripline-api","sub":"${USER}"}`)],
  ['exp null', sign(HEADER, { ...CLAIMS, exp: null })],
  ['no exp', sign(HEADER, without('exp'))],
  ['no iss', sign(HEADER, without('iss'))],
  ['no aud', sign(HEADER, without('aud'))],
  ['no sub', sign(HEADER, without('sub'))],
  ['no jti', sign(HEADER, without('jti'))],
  ['no iat', sign(HEADER, without('iat'))],
  ['no nbf', sign(HEADER, without('nbf'))],
  ['another issuer', sign(HEADER, { ...CLAIMS, iss: 'evil' })],
  ['another audience', sign(HEADER, { ...CLAIMS, aud: 'other' })],
  ['sub no uuid', sign(HEADER, { ...CLAIMS, sub: "1' or '1'='1" })],
  ['sub a list', sign(HEADER, { ...CLAIMS, sub: [USER] })],
  ['jti a number', sign(HEADER, { ...CLAIMS, jti: 7 })],
  ['a payload that is a list', sign(HEADER, [CLAIMS])],
  ['a payload that is no JSON', sign(HEADER, 'hello')],
  ['a header that is no JSON', `x.${good.split('.').slice(1).join('.')}`],
  ['blanks before it', ` ${good}`],
  ['padding', `${good}=`],
  ['too long', good + 'A'.repeat(4096)],
];

describe('tokens', () => {
  let now = NOW;
  const tokens = createTokens({ secret: SECRET, ttlMs: 3_600_000, now: () => now });
  beforeEach(() => {
    now = NOW;
  });

  it('accepts an issued token and an identical handmade one', async () => {
    const { token, expiresInSeconds } = await tokens.issue(USER);
    expect(expiresInSeconds).toBe(3600);
    await expect(tokens.verify(token)).resolves.toMatchObject({ userId: USER, issuedAtSeconds: SECONDS });
    await expect(tokens.verify(good)).resolves.toMatchObject({ userId: USER, tokenId: CLAIMS.jti });
  });

  it('gives every token a unique id', async () => {
    const [first, second] = [await tokens.issue(USER), await tokens.issue(USER)];
    expect(first.token).not.toBe(second.token);
  });

  it('denies its own token as expired after its time to live', async () => {
    const { token } = await tokens.issue(USER);
    now += 3_600_000;
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', denial: 'expired' });
  });

  it.each(BAD_TOKENS)('denies a token with %s', async (_what, token) => {
    const denial = await tokens.verify(token).catch((error: unknown) => error);
    expect(denial).toBeInstanceOf(TokenRefusedError);
  });
});
