import { type PipelineInput } from '@tripline/contracts';

import { BUNDLED_TICKERS, createDemoUsers, type DemoTickers, type DemoUser } from './demo-data';

/** A small client of our own API: it creates the demo's users as a person would. */
interface ApiClient {
  request<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
}

const CREATED = 201;
const CONFLICT = 409;

function createClient(baseUrl: string, token?: string): ApiClient {
  return {
    async request<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok && response.status !== CONFLICT)
        throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return { status: response.status, body: JSON.parse(text) as T };
    },
  };
}

async function logIn(baseUrl: string, email: string, password: string): Promise<ApiClient> {
  const { body } = await createClient(baseUrl).request<{ access_token: string }>('POST', '/api/auth/login', {
    email,
    password,
  });
  return createClient(baseUrl, body.access_token);
}

export interface SeedResult {
  readonly users: number;
  /** Created by this call; existing pipelines are left unchanged. */
  readonly createdPipelines: number;
}

/** Creates users, scanners and pipelines for these tickers. Calling it again adds only what is missing. */
export async function seedDemo(
  baseUrl: string,
  password: string,
  tickers: DemoTickers = BUNDLED_TICKERS,
): Promise<SeedResult> {
  const users = createDemoUsers(tickers);
  const admin = await logIn(baseUrl, 'admin@tripline.local', password);
  let createdPipelines = 0;
  for (const user of users) {
    await admin.request('POST', '/api/users', { email: user.email, password, role: 'trader' });
    createdPipelines += await seedUser(await logIn(baseUrl, user.email, password), user);
  }
  return { users: users.length, createdPipelines };
}

async function seedUser(client: ApiClient, user: DemoUser): Promise<number> {
  for (const scanner of user.scanners) await client.request('POST', '/api/scanners', scanner);
  const { body } = await client.request<{ items: { id: string; name: string }[] }>('GET', '/api/scanners');
  const scannerIds = new Map(body.items.map(({ id, name }) => [name, id]));
  let created = 0;
  for (const { input, scanner } of user.pipelines) {
    const complete: PipelineInput = {
      ...input,
      scanner_id: scanner === undefined ? null : (scannerIds.get(scanner) ?? null),
    };
    const { status } = await client.request('POST', '/api/pipelines', complete);
    if (status === CREATED) created += 1;
  }
  return created;
}
