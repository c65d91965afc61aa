import { createHmac, randomUUID } from 'node:crypto';

import { createWebhookSecrets } from './webhook-secrets';

const secrets = createWebhookSecrets({ current: 'a key of at least 32 characters …' });
const pipelineId = randomUUID();
const body = Buffer.from('{"ticker":"AAPL"}');
const sign = (secret: string, text: string) => `v1=${createHmac('sha256', secret).update(text).digest('hex')}`;

describe('webhook secrets', () => {
  it('are unique, have 256 bits, and are not stored', () => {
    const [first, second] = [secrets.create(pipelineId), secrets.create(pipelineId)];
    expect(first.secret).toMatch(/^tp_hook_[A-Za-z0-9_-]{43}$/);
    expect(second.secret).not.toBe(first.secret);
    expect(first.stored.secretSha256).toHaveLength(32);
    expect(JSON.stringify(first.stored)).not.toContain(first.secret);
  });

  it('match only themselves, and never match a missing webhook', () => {
    const { secret, stored } = secrets.create(pipelineId);
    expect(secrets.matches(secret, stored)).toBe(true);
    for (const wrong of ['', `${secret} `, secret.slice(0, -1), secret.toLowerCase(), 'x'.repeat(51)]) {
      expect(secrets.matches(wrong, stored)).toBe(false);
    }
    expect(secrets.matches(secret, null)).toBe(false);
  });

  it('verify a signature over every byte of timestamp, dot and body', () => {
    const { secret, stored } = secrets.create(pipelineId);
    const verify = (signature: string, timestamp = '1700000000', signed: Uint8Array = body) =>
      secrets.verify({ signature, timestamp, body: signed }, pipelineId, stored);
    const good = sign(secret, `1700000000.${body.toString()}`);
    expect(verify(good)).toBe('valid');
    expect(verify(good, '1700000001')).toBe('invalid');
    expect(verify(good, '1700000000', Buffer.from('{"ticker":"AAPL" }'))).toBe('invalid');
    for (const wrong of ['', 'v1=', good.slice(3), good.toUpperCase(), `${good}0`, good.replace('v1', 'v2')]) {
      expect(verify(wrong)).toBe('invalid');
    }
    expect(verify(sign('another secret', `1700000000.${body.toString()}`))).toBe('invalid');
  });

  it('are valid for one pipeline only', () => {
    const { secret, stored } = secrets.create(pipelineId);
    const call = { signature: sign(secret, `1.${body.toString()}`), timestamp: '1', body };
    expect(secrets.verify(call, randomUUID(), stored)).toBe('key_changed');
    expect(secrets.verify(call, pipelineId, null)).toBe('invalid');
  });

  it("still match after the server's key changes, but cannot verify signatures", () => {
    const { secret, stored } = secrets.create(pipelineId);
    const later = createWebhookSecrets({ current: 'another key of at least 32 characters' });
    const call = { signature: sign(secret, `1.${body.toString()}`), timestamp: '1', body };
    expect(later.verify(call, pipelineId, stored)).toBe('key_changed');
    expect(later.matches(secret, stored)).toBe(true);
  });

  it('created with the previous key still verify, both as bearer and by signature', () => {
    const old = createWebhookSecrets({ current: 'the key of last year, long enough for it' });
    const rotated = createWebhookSecrets({
      current: 'the new key',
      previous: 'the key of last year, long enough for it',
    });
    const after = createWebhookSecrets({ current: 'the new key' });
    const { secret, stored } = old.create(pipelineId);
    const call = { signature: sign(secret, `1.${body.toString()}`), timestamp: '1', body };
    expect(rotated.verify(call, pipelineId, stored)).toBe('valid_previous');
    expect(rotated.verify({ ...call, timestamp: '2' }, pipelineId, stored)).toBe('invalid');
    expect(rotated.matches(secret, stored)).toBe(true);
    expect(after.verify(call, pipelineId, stored)).toBe('key_changed');

    const renewed = rotated.create(pipelineId);
    const next = { ...call, signature: sign(renewed.secret, `1.${body.toString()}`) };
    expect([rotated, after].map((keys) => keys.verify(next, pipelineId, renewed.stored))).toEqual(['valid', 'valid']);
  });
});
