import { Secret } from '@tripline/runtime';

import { createTokenProvider } from './oauth-token';

const client = {
  tokenEndpoint: 'https://id.example/token',
  clientId: 'the client',
  clientSecret: new Secret('p:ss'),
  scope: 'kafka',
};

function endpoint(answers: { status?: number; body: unknown }[]) {
  const requests: { authorization: string; body: string }[] = [];
  const fetch = (async (_url: string, init: { headers: { authorization: string }; body: URLSearchParams }) => {
    requests.push({ authorization: init.headers.authorization, body: String(init.body) });
    const answer = answers.shift() ?? { status: 500, body: {} };
    return new Response(JSON.stringify(answer.body), { status: answer.status ?? 200 });
  }) as unknown as typeof globalThis.fetch;
  return { fetch, requests };
}

describe('createTokenProvider', () => {
  it('sends form-encoded client credentials and keeps the token until shortly before it expires', async () => {
    let now = 0;
    const { fetch, requests } = endpoint([
      { body: { access_token: 'one', expires_in: 100 } },
      { body: { access_token: 'two', expires_in: 100 } },
    ]);
    const token = createTokenProvider(client, { fetch, monotonicMs: () => now });
    expect(await token()).toEqual({ value: 'one' });
    now = 69_000;
    expect(await token()).toEqual({ value: 'one' });
    now = 71_000;
    expect(await token()).toEqual({ value: 'two' });
    expect(requests).toHaveLength(2);
    expect(requests[0]?.body).toBe('grant_type=client_credentials&scope=kafka');
    expect(Buffer.from(requests[0]?.authorization.slice('Basic '.length) ?? '', 'base64').toString()).toBe(
      'the%20client:p%3Ass',
    );
  });

  it('shares one request between concurrent connections', async () => {
    const { fetch, requests } = endpoint([{ body: { access_token: 'one' } }]);
    const token = createTokenProvider(client, { fetch });
    expect(await Promise.all([token(), token(), token()])).toHaveLength(3);
    expect(requests).toHaveLength(1);
  });

  it('fails without revealing secrets and retries on the next call', async () => {
    const { fetch } = endpoint([
      { status: 401, body: { error: 'p:ss' } },
      { body: { token: 'p:ss' } },
      { body: { access_token: 'late' } },
    ]);
    const token = createTokenProvider(client, { fetch });
    for (const text of ['the token endpoint answered 401', 'no access token from the token endpoint (ZodError)']) {
      const failure = await token().catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: 'authentication', message: text });
      expect(failure).not.toHaveProperty('cause');
    }
    expect(await token()).toEqual({ value: 'late' });
  });
});
