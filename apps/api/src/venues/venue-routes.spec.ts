import { type Account, type ApiFixture, createApiFixture } from '../../test/api-fixture';
import type { ErrorEnvelope } from '../http/error-schemas';

describe('venues', () => {
  let api: ApiFixture;
  let admin: Account;
  let trader: Account;
  beforeAll(async () => {
    api = await createApiFixture();
    admin = await api.login('admin');
    trader = await api.login('trader');
  });
  afterAll(() => api.app.close());

  const call = (who: Account, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    api.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  const codeOf = (response: { json<T>(): T }) => response.json<ErrorEnvelope>().error.code;
  const pipeline = (name: string, venue: string) => ({ name, tickers: ['^SPX'], venue });
  const grant = () => call(admin, 'PUT', `/api/venues/alpha/users/${trader.user.id}`);
  const revoke = () => call(admin, 'DELETE', `/api/venues/alpha/users/${trader.user.id}`);

  it('are created, granted, disabled and revoked by administrators, and visible to users with a grant', async () => {
    expect(codeOf(await call(trader, 'POST', '/api/venues', { name: 'alpha' }))).toBe('FORBIDDEN');
    expect((await call(admin, 'POST', '/api/venues', { name: 'alpha' })).statusCode).toBe(201);
    expect(codeOf(await call(admin, 'POST', '/api/venues', { name: 'alpha' }))).toBe('CONFLICT');
    expect(codeOf(await call(admin, 'POST', '/api/venues', { name: 'paper-x' }))).toBe('VALIDATION_FAILED');
    const names = async () =>
      (await call(trader, 'GET', '/api/venues')).json<{ items: { name: string }[] }>().items.map(({ name }) => name);
    expect(await names()).toEqual(['paper']);
    expect(codeOf(await call(admin, 'PUT', `/api/venues/nowhere/users/${trader.user.id}`))).toBe('NOT_FOUND');
    expect((await grant()).json()).toEqual({ name: 'alpha', is_enabled: true, user_ids: [trader.user.id] });
    expect(await names()).toEqual(['paper', 'alpha']);
    await call(admin, 'PATCH', '/api/venues/alpha', { is_enabled: false });
    expect(await names()).toEqual(['paper']);
    await call(admin, 'PATCH', '/api/venues/alpha', { is_enabled: true });
    await revoke();
    expect(await names()).toEqual(['paper']);
    expect((await call(admin, 'GET', '/api/venues')).json()).toMatchObject({
      items: [{ name: 'paper' }, { name: 'alpha', user_ids: [] }],
    });
  });

  it('are denied with 422 whenever a pipeline is saved, if unknown or not granted', async () => {
    for (const venue of ['alpha', 'nowhere', 'paper-']) {
      const denied = await call(trader, 'POST', '/api/pipelines', pipeline('denied', venue));
      expect([venue, denied.statusCode, codeOf(denied)]).toEqual([venue, 422, 'VENUE_NOT_PERMITTED']);
    }
    const created = await call(trader, 'POST', '/api/pipelines', pipeline('on paper', 'paper'));
    const url = `/api/pipelines/${created.json<{ id: string }>().id}`;
    expect(codeOf(await call(trader, 'PUT', url, pipeline('on paper', 'alpha')))).toBe('VENUE_NOT_PERMITTED');
    expect(codeOf(await call(trader, 'PATCH', url, { venue: 'alpha' }))).toBe('VENUE_NOT_PERMITTED');
    await grant();
    expect((await call(trader, 'PATCH', url, { venue: 'alpha' })).json()).toMatchObject({ venue: 'alpha' });
  });

  it('are denied when a pipeline is executed manually or activated after the grant was revoked', async () => {
    await grant();
    const created = await call(trader, 'POST', '/api/pipelines', { ...pipeline('later', 'alpha'), is_active: false });
    const url = `/api/pipelines/${created.json<{ id: string }>().id}`;
    await revoke();
    expect(codeOf(await call(trader, 'POST', `${url}/run`))).toBe('VENUE_NOT_PERMITTED');
    expect(codeOf(await call(trader, 'POST', `${url}/activate`))).toBe('VENUE_NOT_PERMITTED');
    expect(api.enqueued).toEqual([]);
    expect((await call(trader, 'POST', `${url}/deactivate`)).statusCode).toBe(200);
  });
});
