import { createApiFixture, type Account, type ApiFixture } from '../../test/api-fixture';

describe('quotas', () => {
  let api: ApiFixture;
  let trader: Account;
  let admin: Account;
  beforeAll(async () => {
    api = await createApiFixture();
    [trader, admin] = [await api.login('trader'), await api.login('admin')];
  });
  afterAll(() => api.app.close());

  const own = () => api.app.inject({ url: '/api/quota', headers: trader.headers });
  const put = (payload: object, { headers } = admin) =>
    api.app.inject({ method: 'PUT', url: `/api/users/${trader.user.id}/quota`, headers, payload });

  it('are unlimited by default', async () => {
    expect((await own()).json()).toEqual({
      user_id: trader.user.id,
      max_active: null,
      max_per_minute: null,
      max_per_day: null,
      use: { active: 0, this_minute: 0, today: 0 },
      updated_at: null,
    });
  });

  it('are set by an administrator, read by the user, and logged with who set them', async () => {
    const set = await put({ max_active: 5, max_per_minute: null, max_per_day: 0 });
    expect([set.statusCode, set.json()]).toMatchObject([200, { max_active: 5, max_per_day: 0 }]);
    expect((await own()).json()).toMatchObject({ max_active: 5, max_per_minute: null, max_per_day: 0 });
    expect(api.lines.find((line) => line['event'] === 'quota_set')).toMatchObject({
      user_id: trader.user.id,
      set_by: admin.user.id,
      max_active: 5,
    });
  });

  it.each([{ max_active: -1 }, { max_per_minute: 1.5 }, { max_per_day: '3' }])('reject %j', async (bad) => {
    const limits = { max_active: null, max_per_minute: null, max_per_day: null };
    expect((await put({ ...limits, ...bad })).statusCode).toBe(400);
  });

  it('require all three limits in each request', async () => {
    expect((await put({ max_active: 5 })).statusCode).toBe(400);
  });
});
