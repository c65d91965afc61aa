import { createApiFixture, PASSWORD, type ApiFixture } from '../../test/api-fixture';

describe('logging in', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await createApiFixture({ loginLimitPerAccount: 3, loginLimitPerMinute: 8 });
    await api.users.create({
      email: 'ada@example.com',
      passwordHash: await api.passwords.hash(PASSWORD),
      role: 'admin',
    });
  });
  afterEach(() => api.app.close());

  const login = (email: string, password: string) =>
    api.app.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password } });

  it('returns a token that authenticates on other routes', async () => {
    const response = await login('  Ada@Example.com ', PASSWORD);
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
    const answer = response.json<{ access_token: string; expires_in: number }>();
    expect(answer.expires_in).toBe(3600);
    const me = await api.app.inject({
      url: '/api/auth/me',
      headers: { authorization: `Bearer ${answer.access_token}` },
    });
    expect(me.json()).toMatchObject({ email: 'ada@example.com', role: 'admin', is_active: true });
    expect(response.body + me.body).not.toMatch(/argon2|password_?hash/i);
  });

  it('gives the same answer to a wrong password, an unknown e-mail and an inactive account', async () => {
    const wrong = await login('ada@example.com', 'wrong password');
    const unknown = await login('bob@example.com', PASSWORD);
    for (const user of api.users.rows.keys()) await api.users.update(user, { isActive: false });
    const inactive = await login('ada@example.com', PASSWORD);
    const [first, ...others] = [wrong, unknown, inactive].map((response) => ({
      status: response.statusCode,
      code: response.json<{ error: { code: string } }>().error.code,
      message: response.json<{ error: { message: string } }>().error.message,
    }));
    expect(first).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect(others).toEqual([first, first]);
  });

  it('verifies the password against an equally costly hash when the e-mail is unknown', async () => {
    const timeOf = async (hash: string | undefined) => {
      const startedAt = performance.now();
      await api.passwords.verify(hash, 'wrong password');
      return performance.now() - startedAt;
    };
    const known = await api.passwords.hash(PASSWORD);
    await timeOf(undefined);
    const times = { known: await timeOf(known), unknown: await timeOf(undefined) };
    expect(times.unknown).toBeGreaterThan(times.known / 5);
  });

  it('limits attempts per account, known or unknown', async () => {
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      const statuses = [];
      for (let attempt = 0; attempt < 4; attempt += 1) statuses.push((await login(email, 'wrong')).statusCode);
      expect(statuses).toEqual([401, 401, 401, 429]);
    }
  });

  it('limits attempts per address', async () => {
    const statuses = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      statuses.push((await login(`user${attempt}@example.com`, 'wrong')).statusCode);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('logs a denied login without e-mail and password', async () => {
    await login('ada@example.com', 'my-secret-guess');
    expect(api.lines.some((line) => line['event'] === 'login_refused')).toBe(true);
    expect(JSON.stringify(api.lines)).not.toMatch(/my-secret-guess|ada@example/);
  });
});
