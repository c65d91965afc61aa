import { randomUUID } from 'node:crypto';

import { createApiFixture, type Account, type ApiFixture } from '../../test/api-fixture';

describe('the kill switch', () => {
  let api: ApiFixture;
  let trader: Account;
  let other: Account;
  let admin: Account;

  beforeAll(async () => {
    api = await createApiFixture();
    [trader, other, admin] = [await api.login('trader'), await api.login('trader'), await api.login('admin')];
  });
  afterAll(() => api.app.close());

  const engage = (by: Account, payload: object) =>
    api.app.inject({ method: 'POST', url: '/api/halts', payload, headers: by.headers });
  const lift = (by: Account, id: string) =>
    api.app.inject({
      method: 'POST',
      url: `/api/halts/${id}/lift`,
      payload: { reason: 'checked' },
      headers: by.headers,
    });
  const idOf = (response: Awaited<ReturnType<typeof engage>>) => response.json<{ id: string }>().id;

  it("defaults to the trader's own user id, and lets them lift the halt once with a reason", async () => {
    const engaged = await engage(trader, { level: 'user', reason: 'something is off' });
    expect(engaged.json()).toMatchObject({ level: 'user', subject: trader.user.id, mode: 'pause', lifted_at: null });
    expect(engaged.statusCode).toBe(201);
    const id = idOf(engaged);
    expect((await lift(trader, id)).json()).toMatchObject({ lift_reason: 'checked', lifted_by: trader.user.id });
    expect((await lift(trader, id)).statusCode).toBe(409);
    expect(api.lines).toContainEqual(expect.objectContaining({ event: 'halt_engaged', halt_id: id }));
  });

  it('reserves halts that affect every user for administrators', async () => {
    for (const body of [
      { level: 'global' },
      { level: 'ticker', subject: 'AAPL' },
      { level: 'venue', subject: 'paper' },
    ]) {
      expect((await engage(trader, { ...body, reason: 'x' })).statusCode).toBe(403);
      const engaged = await engage(admin, { ...body, reason: 'x', mode: 'cancel' });
      expect(engaged.statusCode).toBe(201);
      const seen = await api.app.inject({ url: `/api/halts/${idOf(engaged)}`, headers: trader.headers });
      expect(seen.json()).toMatchObject({ level: body.level, mode: 'cancel' });
      expect((await lift(trader, idOf(engaged))).statusCode).toBe(403);
      expect((await lift(admin, idOf(engaged))).statusCode).toBe(200);
    }
  });

  it('hides other users and their pipelines', async () => {
    const foreign = { level: 'user', subject: other.user.id, reason: 'x' };
    expect((await engage(trader, foreign)).statusCode).toBe(404);
    expect((await engage(trader, { level: 'pipeline', subject: randomUUID(), reason: 'x' })).statusCode).toBe(404);
    expect((await engage(admin, { ...foreign, subject: randomUUID() })).statusCode).toBe(404);
    const id = idOf(await engage(other, { level: 'user', reason: 'mine' }));
    expect((await api.app.inject({ url: `/api/halts/${id}`, headers: trader.headers })).statusCode).toBe(404);
    expect((await lift(trader, id)).statusCode).toBe(404);
    const list = await api.app.inject({ url: '/api/halts?is_active=true', headers: trader.headers });
    expect(list.json<{ items: { id: string }[] }>().items.map((halt) => halt.id)).not.toContain(id);
  });

  it("does not let a trader lift an administrator's halt", async () => {
    const id = idOf(await engage(admin, { level: 'user', subject: trader.user.id, reason: 'margin call' }));
    const refused = await lift(trader, id);
    expect([refused.statusCode, refused.json<{ error: { code: string } }>().error.code]).toEqual([403, 'FORBIDDEN']);
  });

  it.each([
    [{ level: 'global', subject: 'x' }],
    [{ level: 'user', subject: 'me' }],
    [{ level: 'pipeline' }],
    [{ level: 'ticker', subject: 'aapl' }],
    [{ level: 'venue', subject: 'NYSE!' }],
    [{ level: 'everything' }],
    [{ level: 'global', mode: 'stop' }],
  ])('refuses %j with the field named', async (body) => {
    const response = await engage(admin, { ...body, reason: 'x' });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
  });
});
