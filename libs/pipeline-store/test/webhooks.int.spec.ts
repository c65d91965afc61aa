import { randomBytes, randomUUID } from 'node:crypto';

import { createPipelineRepository } from '../src/pipelines/pipeline-repository';
import { createWebhookRepository, type WebhookRepository } from '../src/pipelines/webhook-repository';
import { createUserRepository } from '@tripline/user-store';
import { type Fixture, openFixture } from '@tripline/store-fixture';

describe('webhooks', () => {
  let fixture: Fixture;
  let webhooks: WebhookRepository;
  beforeAll(async () => {
    fixture = await openFixture();
    webhooks = createWebhookRepository(fixture.database);
  });
  afterAll(() => fixture.close());

  const secret = () => ({ salt: randomBytes(16), secretSha256: randomBytes(32) });

  it('are found with the secret stored last and its creation time', async () => {
    const { id } = await fixture.addPipeline({ triggerMode: 'webhook' });
    const [first, second] = [secret(), secret()];
    expect(await webhooks.findCreatedAt(fixture.trader, id)).toBeNull();
    const made = await webhooks.save(fixture.trader, id, first);
    const renewed = await webhooks.save(fixture.trader, id, second);
    expect(renewed).toBeGreaterThanOrEqual(made ?? Infinity);
    expect(await webhooks.findCreatedAt(fixture.trader, id)).toBe(renewed);
    const found = await webhooks.findForCall(id);
    expect(found).toEqual({ pipelineId: id, userId: fixture.trader.userId, ...second });
  });

  it('cannot be created, seen or removed by another user', async () => {
    const stranger = await fixture.addTrader();
    const { id } = await fixture.addPipeline({ triggerMode: 'webhook' });
    expect(await webhooks.save(stranger, id, secret())).toBeNull();
    await webhooks.save(fixture.trader, id, secret());
    expect(await webhooks.findCreatedAt(stranger, id)).toBeNull();
    expect(await webhooks.remove(stranger, id)).toBe(false);
    expect(await webhooks.remove(fixture.trader, id)).toBe(true);
    expect(await webhooks.remove(fixture.trader, id)).toBe(false);
    expect(await webhooks.findForCall(id)).toBeNull();
  });

  it('are not found for a call after the pipeline is removed or its owner is deactivated', async () => {
    const owner = await fixture.addTrader();
    const [kept, removed] = [
      await fixture.addPipeline({ triggerMode: 'webhook' }, owner),
      await fixture.addPipeline({ triggerMode: 'webhook', name: randomUUID() }, owner),
    ];
    await webhooks.save(owner, kept.id, secret());
    await webhooks.save(owner, removed.id, secret());
    await createPipelineRepository(fixture.database).remove(owner, removed.id);
    expect([await webhooks.findForCall(removed.id), await webhooks.save(owner, removed.id, secret())]).toEqual([
      null,
      null,
    ]);
    expect(await webhooks.findForCall(kept.id)).not.toBeNull();
    await createUserRepository(fixture.database).update(owner.userId, { isActive: false });
    expect(await webhooks.findForCall(kept.id)).toBeNull();
  });
});
