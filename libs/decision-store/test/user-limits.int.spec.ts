import { randomBytes, randomUUID } from 'node:crypto';

import { buildPipeline } from '@tripline/testing';

import { LimitReachedError } from '@tripline/database';
import type { Viewer } from '@tripline/paging';
import { createPipelineRepository, createScannerRepository, createWebhookRepository } from '@tripline/pipeline-store';
import { type Fixture, openFixture } from '@tripline/store-fixture';

const LIMIT = 3;
const PARALLEL = 8;
const LIMITS = { maxPipelines: LIMIT, maxWildcardPipelines: 1, maxScanners: LIMIT, maxWebhooks: 1 };

describe('limits per user', () => {
  let fixture: Fixture;
  let owner: Viewer;
  beforeAll(async () => {
    fixture = await openFixture();
  });
  beforeEach(async () => {
    owner = await fixture.addTrader();
  });
  afterAll(() => fixture.close());

  const pipelines = () => createPipelineRepository(fixture.database, LIMITS);
  const scanners = () => createScannerRepository(fixture.database, LIMITS);
  const webhooks = () => createWebhookRepository(fixture.database, LIMITS);
  const definition = (tickers: readonly string[] = ['AAPL']) => buildPipeline({ name: randomUUID(), tickers });
  const secret = () => ({ salt: randomBytes(16), secretSha256: randomBytes(32) });

  /** How many of the attempts succeeded. Every other one must have hit the limit. */
  async function countSuccesses(attempts: readonly Promise<unknown>[]): Promise<number> {
    const results = await Promise.allSettled(attempts);
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    for (const failure of failures) expect(failure).toBeInstanceOf(LimitReachedError);
    return results.length - failures.length;
  }
  const inParallel = (work: () => Promise<unknown>) => Array.from({ length: PARALLEL }, work);

  it('hold for pipelines created concurrently', async () => {
    expect(await countSuccesses(inParallel(() => pipelines().create(owner, definition())))).toBe(LIMIT);
    expect((await pipelines().list(owner)).items).toHaveLength(LIMIT);
  });

  it('hold for pipelines that watch a pattern, created or changed concurrently', async () => {
    expect(await countSuccesses(inParallel(() => pipelines().create(owner, definition(['BTC-*']))))).toBe(1);
    const other = await fixture.addTrader();
    const plain = await Promise.all([1, 2, 3].map(() => pipelines().create(other, definition())));
    const changes = plain.map(({ pipeline }) => pipelines().update(other, pipeline.id, definition(['*'])));
    expect(await countSuccesses(changes)).toBe(1);
  });

  it('allow a pipeline that watches a pattern to be changed and replaced', async () => {
    const { pipeline } = await pipelines().create(owner, definition(['*']));
    await pipelines().update(owner, pipeline.id, definition(['ETH-*']));
    await expect(pipelines().create(owner, definition(['*']))).rejects.toMatchObject({
      resource: 'wildcard_pipelines',
      limit: 1,
    });
    await pipelines().remove(owner, pipeline.id);
    await expect(pipelines().create(owner, definition(['*']))).resolves.toBeDefined();
  });

  it('are those of the owner when an administrator makes the change', async () => {
    await pipelines().create(owner, definition(['*']));
    const { pipeline } = await pipelines().create(owner, definition());
    const admin: Viewer = { ...(await fixture.addTrader()), role: 'admin' };
    await expect(pipelines().update(admin, pipeline.id, definition(['*']))).rejects.toBeInstanceOf(LimitReachedError);
  });

  it('hold for scanners created concurrently', async () => {
    const create = () => scanners().create(owner, { name: randomUUID(), tickers: ['AAPL'] });
    expect(await countSuccesses(inParallel(create))).toBe(LIMIT);
    expect(await scanners().list(owner)).toHaveLength(LIMIT);
  });

  it('hold for webhooks created concurrently, and allow a secret to be replaced', async () => {
    const made = await Promise.all([1, 2, 3].map(() => pipelines().create(owner, definition())));
    const ids = made.map(({ pipeline }) => pipeline.id);
    expect(await countSuccesses(ids.map((id) => webhooks().save(owner, id, secret())))).toBe(1);
    const createdAt = await Promise.all(ids.map((id) => webhooks().findCreatedAt(owner, id)));
    const withWebhook = ids[createdAt.findIndex((at) => at !== null)] as string;
    await expect(webhooks().save(owner, withWebhook, secret())).resolves.not.toBeNull();
  });

  it('count for each user separately', async () => {
    const other = await fixture.addTrader();
    const both = [owner, other].flatMap((user) => inParallel(() => pipelines().create(user, definition())));
    expect(await countSuccesses(both)).toBe(2 * LIMIT);
  });
});
