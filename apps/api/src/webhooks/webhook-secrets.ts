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

export type SignatureVerdict = 'valid' | 'valid_previous' | 'invalid' | 'key_changed';

/** Keys that secrets are derived from. */
export interface WebhookKeys {
  /** Makes new secrets. */
  readonly current: string;
  /** Still accepted: secrets made before the key was rotated. */
  readonly previous?: string | undefined;
}

export interface WebhookSecrets {
  create(pipelineId: string): NewWebhookSecret;
  /** Whether this is the secret; takes the same time for every wrong one, and when there is no webhook (null). */
  matches(secret: string, stored: WebhookSecretRecord | null): boolean;
  /**
   * Whether the call was signed with the secret. `valid_previous`: it was, but the secret was made with the previous key.
   * `key_changed`: the secret was made with a key that is not known any more.
   */
  verify(call: SignedCall, pipelineId: string, stored: WebhookSecretRecord | null): SignatureVerdict;
}

/**
 * Secrets of webhooks: 256 bits, derived from a key of the server and a random salt. The database holds the salt and the
 * secret's SHA-256, so whoever reads it can neither call nor sign; the server derives the secret again to check a signature.
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
      // Both keys are tried every time, so that the time tells nothing.
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
  /** The stored secret was made with this key. */
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
