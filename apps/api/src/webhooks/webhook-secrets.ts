import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

import type { WebhookSecretRecord } from '@tripline/pipeline-store';

/** Told apart from other credentials by people and by secret scanners. */
const SECRET_PREFIX = 'tp_hook_';
const SECRET_PATTERN = /^tp_hook_[A-Za-z0-9_-]{43}$/;
const SIGNATURE_PATTERN = /^v1=([0-9a-f]{64})$/;
const SALT_BYTES = 16;

/** A new secret, to be shown once, with what is stored of it. */
export interface NewWebhookSecret {
  readonly secret: string;
  readonly stored: WebhookSecretRecord;
}

/** What a call is signed over. */
export interface SignedCall {
  readonly signature: string;
  /** As in the header: epoch seconds. */
  readonly timestamp: string;
  readonly body: Uint8Array;
}

export interface WebhookSecrets {
  create(pipelineId: string): NewWebhookSecret;
  /** Whether this is the secret; takes the same time for every wrong one, and when there is no webhook (null). */
  matches(secret: string, stored: WebhookSecretRecord | null): boolean;
  /**
   * Whether the call was signed with the secret. `key_changed`: the secret cannot be derived any more, because the server's
   * key has changed since it was made.
   */
  verify(call: SignedCall, pipelineId: string, stored: WebhookSecretRecord | null): 'valid' | 'invalid' | 'key_changed';
}

/**
 * Secrets of webhooks: 256 bits, derived from a key of the server and a random salt. The database holds the salt and the
 * secret's SHA-256, so whoever reads it can neither call nor sign; the server derives the secret again to check a signature.
 */
export function createWebhookSecrets(serverSecret: string): WebhookSecrets {
  const key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'tripline webhook secrets', 32));
  const derive = (pipelineId: string, salt: Uint8Array): string =>
    SECRET_PREFIX + createHmac('sha256', key).update(pipelineId).update(salt).digest('base64url');
  const nobody: WebhookSecretRecord = { salt: randomBytes(SALT_BYTES), secretSha256: randomBytes(32) };

  return {
    create(pipelineId) {
      const salt = randomBytes(SALT_BYTES);
      const secret = derive(pipelineId, salt);
      return { secret, stored: { salt, secretSha256: sha256(secret) } };
    },
    matches(secret, stored) {
      const isEqual = timingSafeEqual(sha256(secret), (stored ?? nobody).secretSha256);
      return isEqual && stored !== null && SECRET_PATTERN.test(secret);
    },
    verify({ signature, timestamp, body }, pipelineId, stored) {
      const given = Buffer.from(SIGNATURE_PATTERN.exec(signature)?.[1] ?? '0'.repeat(64), 'hex');
      const secret = derive(pipelineId, (stored ?? nobody).salt);
      const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
      const isEqual = timingSafeEqual(given, expected);
      const isDerivable = timingSafeEqual(sha256(secret), (stored ?? nobody).secretSha256);
      if (stored === null) return 'invalid';
      if (!isDerivable) return 'key_changed';
      return isEqual ? 'valid' : 'invalid';
    },
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
