import { createExposition } from '@tripline/telemetry';

import { createApiFixture, type ApiFixture } from '../../test/api-fixture';
import type { ErrorEnvelope } from './error-schemas';

describe('the http server', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await createApiFixture();
  });
  afterAll(() => api.app.close());

  const post = (payload: string, headers: Record<string, string> = {}) =>
    api.app.inject({
      method: 'POST',
      url: '/api/auth/login',
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('echoes a well-formed X-Request-ID in header, envelope and log', async () => {
    const response = await api.app.inject({ url: '/api/nothing', headers: { 'x-request-id': 'order-7.a' } });
    expect(response.headers['x-request-id']).toBe('order-7.a');
    expect(response.json<ErrorEnvelope>().error.request_id).toBe('order-7.a');
    expect(api.lines.find((line) => line['request_id'] === 'order-7.a')).toMatchObject({
      event: 'http_request',
      level: 'info',
      service: 'api',
      method: 'GET',
      status: 404,
      route: 'unmatched',
      durationMs: 0,
    });
  });

  it.each(['with blank', 'x'.repeat(65), '', '<script>'])('replaces the request id %j', async (given) => {
    const response = await api.app.inject({ url: '/api/health', headers: { 'x-request-id': given } });
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers an unknown route with the error envelope and its help text', async () => {
    const response = await api.app.inject({ url: '/api/nothing?secret=1' });
    expect(response.statusCode).toBe(404);
    expect(response.json<ErrorEnvelope>().error).toEqual({
      code: 'NOT_FOUND',
      message: 'There is no GET /api/nothing.',
      help: 'It does not exist or is not yours: check the id.',
      request_id: response.headers['x-request-id'],
    });
  });

  it('names the field that fails validation', async () => {
    const response = await post(JSON.stringify({ email: 'no-mail', password: 'x', role: 'admin' }));
    expect(response.statusCode).toBe(400);
    const { error } = response.json<ErrorEnvelope>();
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.details?.['issues']).toEqual(
      expect.arrayContaining([expect.objectContaining({ in: 'body', path: 'email' })]),
    );
  });

  it.each([
    ['{"email": ', 400, 'MALFORMED_REQUEST'],
    ['', 400, 'MALFORMED_REQUEST'],
    ['{"__proto__": {"a": 1}}', 400, 'MALFORMED_REQUEST'],
    ['{"email": "a\\u0000@b.de", "password": "x"}', 400, 'MALFORMED_REQUEST'],
    ['{"email": "\\ud800", "password": "x"}', 400, 'MALFORMED_REQUEST'],
    ['['.repeat(5000) + ']'.repeat(5000), 400, 'MALFORMED_REQUEST'],
    [JSON.stringify({ email: 'a@b.de', password: 'x'.repeat(300_000) }), 413, 'PAYLOAD_TOO_LARGE'],
    ['null', 400, 'VALIDATION_FAILED'],
    ['"text"', 400, 'VALIDATION_FAILED'],
  ])('refuses the body %.40s with %d %s', async (payload, status, code) => {
    const response = await post(payload);
    expect(response.statusCode).toBe(status);
    expect(response.json<ErrorEnvelope>().error.code).toBe(code);
  });

  it.each(['text/plain', 'application/xml', 'application/json\ta', 'multipart/form-data; boundary=x'])(
    'rejects the content type %j',
    async (type) => {
      const response = await post('{"email":"a@b.de","password":"x"}', { 'content-type': type });
      expect([400, 415]).toContain(response.statusCode);
      expect(response.json<ErrorEnvelope>().error.code).toMatch(/UNSUPPORTED_MEDIA_TYPE|MALFORMED_REQUEST/);
    },
  );

  it('answers a path that cannot be decoded with the envelope', async () => {
    const response = await api.app.inject({ url: '/api/%ff' });
    expect(response.statusCode).toBe(400);
    expect(response.json<ErrorEnvelope>().error.code).toBe('MALFORMED_REQUEST');
  });

  it('sends security headers', async () => {
    const { headers } = await api.app.inject({ url: '/api/health' });
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('allows only listed origins to call from a browser', async () => {
    const from = async (origin: string) =>
      (await api.app.inject({ url: '/api/health', headers: { origin } })).headers['access-control-allow-origin'];
    await expect(from('https://app.example.com')).resolves.toBe('https://app.example.com');
    await expect(from('https://evil.example.com')).resolves.toBeUndefined();
  });

  it('counts requests by route template, never by URL', async () => {
    await api.app.inject({ url: '/api/pipelines/6f1e0d0c-0000-4000-8000-000000000000' });
    const text = await scrape(api);
    expect(text).toContain('http_requests_total{method="GET",endpoint="/api/pipelines/:id",status="401"} 1');
    expect(text).not.toContain('6f1e0d0c');
    expect(text).toMatch(/http_active_requests 0/);
    expect(text).toMatch(/application_errors_total\{error_type="UNAUTHENTICATED"\} \d/);
  });

  it('denies requests beyond the rate limit and says when to retry', async () => {
    const limited = await createApiFixture({ settings: { rateLimitPerMinute: 2 } });
    await limited.app.inject({ url: '/api/health' });
    await limited.app.inject({ url: '/api/health' });
    const response = await limited.app.inject({ url: '/api/health' });
    expect(response.statusCode).toBe(429);
    expect(response.json<ErrorEnvelope>().error.code).toBe('RATE_LIMITED');
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(await scrape(limited)).toContain('rate_limit_exceeded_total{endpoint="/api/health"} 1');
    await limited.app.close();
  });

  it('logs the cause of a failure and hides it from the caller', async () => {
    const broken = await createApiFixture({
      override: (routes) => ({
        ...routes,
        scanners: {
          scanners: { ...routes.scanners.scanners, list: () => Promise.reject(new Error('secret table name')) },
        },
      }),
    });
    const { headers } = await broken.login('trader');
    const response = await broken.app.inject({ url: '/api/scanners', headers });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('secret');
    expect(response.body).not.toContain('.ts');
    expect(JSON.stringify(broken.lines)).toContain('secret table name');
    await broken.app.close();
  });
});

async function scrape(api: ApiFixture): Promise<string> {
  return (await createExposition(api.metrics).render('text/plain')).body;
}
