import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

import type { WebhookSecretRecord } from '@tripline/pipeline-store';

/** Lets people and secret scanners recognise the secret. */
const SECRET_PREFIX = 'tp_hook_';
const SECRET_PATTERN = /^tp_hook_[A-Za-z0-9_-]{43}$/;
const SIGNATURE_PATTERN = /^v1=([0-9a-f]{64})$/;
const SALT_BYTES = 16;

/** A new secret, shown once, and the record to store. */
export interface NewWebhookSecret {
  readonly secret: string;
  readonly stored: WebhookSecretRecord;
}

/** The parts of a call that its signature depends on. */
export interface SignedCall {
  readonly signature: string;
  /** As sent in the header: epoch seconds. */
  readonly timestamp: string;
  readonly body: Uint8Array;
}

export type SignatureVerdict = 'valid' | 'valid_previous' | 'invalid' | 'key_changed';

/** Keys from which secrets are derived. */
export interface WebhookKeys {
  /** Creates new secrets. */
  readonly current: string;
  /** Still verifies secrets created before the key was rotated. */
  readonly previous?: string | undefined;
}

export interface WebhookSecrets {
  create(pipelineId: string): NewWebhookSecret;
  /** Whether this is the secret. Takes the same time for every wrong secret and for a missing webhook (null). */
  matches(secret: string, stored: WebhookSecretRecord | null): boolean;
  /**
   * Whether the call was signed with the secret. `valid_previous`: yes, but the secret was created with the previous key.
   * `key_changed`: the secret was created with a key that is no longer known.
   */
  verify(call: SignedCall, pipelineId: string, stored: WebhookSecretRecord | null): SignatureVerdict;
}

/**
 * Webhook secrets: 256 bits, derived from a server key and a random salt. The database stores only the salt and the secret's
 * SHA-256, so a reader of the database can neither call nor sign. The server derives the secret again to verify a signature.
 */
export function createWebhookSecrets({ current, previous }: WebhookKeys): WebhookSecrets {
  const derive = createDerivation(current);
  const derivePrevious = createDerivation(previous ?? randomBytes(32).toString('hex'));
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
      const { salt, secretSha256 } = stored ?? nobody;
      // Always tries both keys, because the response time must not reveal which one matches.
      const [isCurrent, isPrevious] = [derive, derivePrevious].map((deriveWith) => {
        const secret = deriveWith(pipelineId, salt);
        const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
        return { isOwn: timingSafeEqual(sha256(secret), secretSha256), isEqual: timingSafeEqual(given, expected) };
      }) as [KeyResult, KeyResult];
      if (stored === null) return 'invalid';
      if (isCurrent.isOwn) return isCurrent.isEqual ? 'valid' : 'invalid';
      if (isPrevious.isOwn) return isPrevious.isEqual ? 'valid_previous' : 'invalid';
      return 'key_changed';
    },
  };
}

interface KeyResult {
  /** Whether the stored secret was created with this key. */
  readonly isOwn: boolean;
  readonly isEqual: boolean;
}

function createDerivation(serverKey: string): (pipelineId: string, salt: Uint8Array) => string {
  const key = Buffer.from(hkdfSync('sha256', serverKey, '', 'tripline webhook secrets', 32));
  return (pipelineId, salt) =>
    SECRET_PREFIX + createHmac('sha256', key).update(pipelineId).update(salt).digest('base64url');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
