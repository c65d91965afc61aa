import { randomUUID } from 'node:crypto';

import type { RouteOptions } from 'fastify';

import { createApiFixture, executionDetail, orderRecord, type Account, type ApiFixture } from '../../test/api-fixture';
import type { ErrorEnvelope } from './error-schemas';

/** Generates its tests from the route table, so that every new route is covered. */
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
interface Route {
  method: Method;
  url: string;
  access: unknown;
  schema: NonNullable<RouteOptions['schema']>;
}

const PUBLIC = ['GET /api/health', 'HEAD /api/health', 'POST /api/auth/login'];
/** Routes whose ids are not hidden from administrators: the fixture's signal is shared, and they manage accounts and halts. */
const WITHOUT_OWNER = [
  '/api/signals/:id',
  '/api/users/:id',
  '/api/users/:id/quota',
  '/api/users/:id/permissions',
  '/api/halts/:id',
  '/api/halts/:id/lift',
  '/api/venues/:name/users/:id',
];

const BAD_BODIES: [string, unknown][] = [
  ['null', null],
  ['a list', []],
  ['a string', 'x'],
  ['an unknown field', { is_admin: true, user_id: randomUUID() }],
  ['wrong types', { name: 7, tickers: 'SPX', email: [], password: {}, signal_type: -1, ticker: 5, role: 0 }],
  ['huge numbers', { cooldown_seconds: 1e308, name: 'x', tickers: ['A'], ticker: 1e308, email: 1, role: 1 }],
  ['strings beyond all limits', { name: 'x'.repeat(10_000), email: 'a'.repeat(10_000), ticker: 'A'.repeat(10_000) }],
  ['unicode', { name: '\u202e', tickers: ['💣'], email: '💣', ticker: '💣', signal_type: '💣', role: '💣' }],
  ['nesting', { metadata: nested(40), agents: nested(40), ticker: nested(40), role: nested(40), name: nested(40) }],
];

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { deeper: nested(depth - 1) };
}

/** Routes with their own credential. They answer 401 to anything else, even for another user's id. */
const WEBHOOKS = ['/api/hooks/:id'];

describe('every route', () => {
  let api: ApiFixture;
  let owner: Account;
  let other: Account;
  let admin: Account;
  let ids: Record<string, string>;
  let hookHeaders: { authorization: string };
  let routes: Route[];

  beforeAll(async () => {
    api = await createApiFixture();
    [owner, other, admin] = [await api.login('trader'), await api.login('trader'), await api.login('admin')];
    routes = collectRoutes(api);
    ids = await createThings();
  });
  afterAll(() => api.app.close());

  async function createThings(): Promise<Record<string, string>> {
    const create = async (url: string, payload: object) => {
      const response = await api.app.inject({ method: 'POST', url, payload, headers: owner.headers });
      expect(response.statusCode).toBe(201);
      return response.json<{ id: string }>().id;
    };
    const pipeline = await create('/api/pipelines', { name: 'mine', tickers: ['^SPX'] });
    const execution = executionDetail(owner.user.id, pipeline);
    const order = orderRecord(owner.user.id, pipeline);
    api.executions.push(execution);
    api.orders.push(order);
    const payload = { name: 'called', tickers: ['^SPX'], trigger_mode: 'webhook' };
    const hooks = await create('/api/pipelines', payload);
    const made = await api.app.inject({
      method: 'POST',
      url: `/api/pipelines/${hooks}/webhook`,
      headers: owner.headers,
    });
    hookHeaders = { authorization: `Bearer ${made.json<{ secret: string }>().secret}` };
    // For the routes that read and delete the other pipeline's webhook.
    await api.app.inject({ method: 'POST', url: `/api/pipelines/${pipeline}/webhook`, headers: owner.headers });
    return {
      pipelines: pipeline,
      hooks,
      scanners: await create('/api/scanners', { name: 'mine', tickers: ['^SPX'] }),
      executions: execution.executionId,
      orders: order.clientOrderId,
      signals: api.signals[0]?.signal.signalId ?? '',
      users: owner.user.id,
      venues: owner.user.id,
      halts: await create('/api/halts', { level: 'user', reason: 'mine' }),
    };
  }

  const urlOf = (route: Route) =>
    route.url.replace(':name', 'alpha').replace(':id', ids[route.url.split('/')[2] ?? ''] ?? 'no-id');
  const bodyOf = ({ schema, url }: Route) => {
    if (!schema.body) return undefined;
    if (url.startsWith('/api/halts')) return { reason: 'r', ...(url.endsWith('/lift') ? {} : { level: 'user' }) };
    if (url.endsWith('/quota')) return { max_active: 1, max_per_minute: null, max_per_day: null };
    if (url.endsWith('/replay')) return { signal_id: randomUUID() };
    if (url.endsWith('/simulate')) return { pipeline: { name: 'n', tickers: ['^SPX'] } };
    return url.endsWith('/run') ? {} : { name: 'n', tickers: ['^SPX'] };
  };
  const call = (route: Route, headers: object, payload: unknown = bodyOf(route)) =>
    api.app.inject({
      method: route.method,
      url: urlOf(route),
      headers: { ...headers, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    });

  it('is public only if it is listed here', () => {
    const open = routes.filter((route) => route.access === 'public' && route.url.startsWith('/api/'));
    expect(open.map((route) => `${route.method} ${route.url}`).sort()).toEqual([...PUBLIC].sort());
    expect(routes.length).toBeGreaterThan(30);
  });

  it('documents a summary, tags, and its success and error responses', () => {
    for (const { method, url, schema } of apiRoutes()) {
      expect({ method, url, ...schema }).toMatchObject({
        summary: expect.any(String) as string,
        tags: [expect.any(String)],
      });
      const statuses = Object.keys(schema.response ?? {});
      expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
      expect(statuses).toContain('500');
    }
  });

  it('answers 401 to a missing or malformed token', async () => {
    for (const route of guardedRoutes()) {
      for (const headers of [{}, { authorization: 'Bearer a.b.c' }, { authorization: 'Basic YTpi' }]) {
        const response = await call(route, headers);
        expect([route.method, route.url, response.statusCode]).toEqual([route.method, route.url, 401]);
        expect(response.headers['www-authenticate']).toContain('Bearer');
        const code = route.access === 'webhook' ? 'WEBHOOK_REFUSED' : 'UNAUTHENTICATED';
        expect(response.json<ErrorEnvelope>().error.code).toBe(code);
      }
    }
  });

  it("answers 404 to another user's id, even for an administrator", async () => {
    const owned = userRoutes().filter((route) => route.url.includes(':id') && !WITHOUT_OWNER.includes(route.url));
    expect(owned.length).toBeGreaterThan(12);
    for (const route of owned) {
      for (const stranger of [other, admin]) {
        const response = await call(route, stranger.headers);
        expect([route.method, route.url, response.statusCode]).toEqual([route.method, route.url, 404]);
      }
    }
  });

  it("gives the same 404 to an unknown id as to another user's id", async () => {
    for (const route of userRoutes().filter(({ url }) => url.includes(':id') && !WITHOUT_OWNER.includes(url))) {
      const foreign = await call(route, other.headers);
      const mine = { ...ids };
      for (const key of Object.keys(ids)) ids[key] = randomUUID();
      const missing = await call(route, other.headers);
      Object.assign(ids, mine);
      expect(missing.json<ErrorEnvelope>().error.message).toBe(foreign.json<ErrorEnvelope>().error.message);
    }
  });

  it('gives the same 401 to any other credential, regardless of the id, if it has its own credential', async () => {
    const own = guardedRoutes().filter((route) => route.access === 'webhook');
    expect(own.map(({ url }) => url)).toEqual(WEBHOOKS);
    const answers = new Set<string>();
    for (const route of own) {
      for (const id of [ids['hooks'], ids['pipelines'], randomUUID(), 'no-id', encodeURIComponent('💣')]) {
        const credentials = [{}, owner.headers, admin.headers, { 'x-tripline-signature': 'v1=00' }];
        if (id !== ids['hooks']) credentials.push(hookHeaders);
        for (const headers of credentials) {
          const url = route.url.replace(':id', id ?? '');
          const response = await api.app.inject({ method: route.method, url, headers, payload: {} });
          expect([url, headers, response.statusCode]).toEqual([url, headers, 401]);
          answers.add(response.json<ErrorEnvelope>().error.message);
        }
      }
    }
    expect(answers.size).toBe(1);
  });

  it('answers 400 to a malformed id', async () => {
    for (const route of userRoutes().filter(({ url }) => url.includes(':id'))) {
      for (const id of ['%00', 'x y', "1'--", '..%2f..', '💣']) {
        const response = await api.app.inject({
          method: route.method,
          url: route.url.replace(':id', encodeURI(id).replace('%25', '%')),
          headers: admin.headers,
          ...(bodyOf(route) ? { payload: bodyOf(route) } : {}),
        });
        expect([route.method, route.url, id, response.statusCode]).toEqual([route.method, route.url, id, 400]);
      }
    }
  });

  it('answers 403 if the role does not allow it', async () => {
    const restricted = guardedRoutes().filter((route) => Array.isArray(route.access));
    expect(restricted.length).toBeGreaterThanOrEqual(5);
    for (const route of restricted) {
      const response = await call(route, owner.headers);
      expect([route.method, route.url, response.statusCode]).toEqual([route.method, route.url, 403]);
    }
  });

  it.each(BAD_BODIES)('answers 400 to an invalid body: %s', async (what, body) => {
    // A manual run and a webhook call need no body, so they accept `null`.
    const withBody = apiRoutes().filter(
      ({ url, schema }) => schema.body && !(what === 'null' && ['/api/pipelines/:id/run', ...WEBHOOKS].includes(url)),
    );
    expect(withBody.length).toBeGreaterThanOrEqual(8);
    for (const route of withBody) {
      const response = await call(route, tokenFor(route), body);
      expect([route.method, route.url, response.statusCode]).toEqual([route.method, route.url, 400]);
      expect(['VALIDATION_FAILED', 'MALFORMED_REQUEST']).toContain(response.json<ErrorEnvelope>().error.code);
      expect(response.body).not.toMatch(/\bat .*\.(ts|js):\d+/);
    }
  });

  it('answers 415 to a body that is not JSON', async () => {
    for (const route of apiRoutes().filter(({ schema }) => schema.body)) {
      const headers = { ...tokenFor(route), 'content-type': 'application/xml' };
      const response = await api.app.inject({ method: route.method, url: urlOf(route), headers, payload: '<a/>' });
      expect([route.method, route.url, response.statusCode]).toEqual([route.method, route.url, 415]);
    }
  });

  it('answers 400 to an invalid query', async () => {
    const withQuery = apiRoutes().filter(({ schema }) => schema.querystring);
    expect(withQuery.length).toBeGreaterThanOrEqual(7);
    for (const route of withQuery) {
      for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=%00', 'cursor=a%20b', 'unknown=1', 'from=x']) {
        const response = await api.app.inject({
          method: route.method,
          url: `${urlOf(route)}?${query}`,
          headers: tokenFor(route),
        });
        expect([route.url, query, response.statusCode]).toEqual([route.url, query, 400]);
      }
    }
  });

  it('is in the OpenAPI document, which lists no other route', async () => {
    const response = await api.app.inject({ url: '/docs/json' });
    expect(response.statusCode).toBe(200);
    const { paths } = response.json<{ paths: Record<string, Record<string, unknown>> }>();
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = apiRoutes().map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(documented.filter((line) => !line.startsWith('HEAD')).sort()).toEqual(served.sort());
  });

  const apiRoutes = () => routes.filter(({ url, method }) => url.startsWith('/api/') && (method as string) !== 'HEAD');
  const guardedRoutes = () => apiRoutes().filter((route) => route.access !== 'public');
  const userRoutes = () => guardedRoutes().filter((route) => route.access !== 'webhook');
  const tokenFor = (route: Route) =>
    route.access === 'webhook' ? hookHeaders : Array.isArray(route.access) ? admin.headers : owner.headers;
});

function collectRoutes(api: ApiFixture): Route[] {
  return api.routeTable.map(({ method, url, config, schema }) => ({
    method: method as Method,
    url,
    access: (config as { access?: unknown } | undefined)?.access,
    schema: schema ?? {},
  }));
}
