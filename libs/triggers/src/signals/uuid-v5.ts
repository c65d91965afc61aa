import { hash } from 'node:crypto';

/** A namespace of version-5 UUIDs (RFC 9562), as its 16 bytes. */
export function uuidNamespace(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** Version-5 UUID of a name. Called for every execution, so it uses one hash and allocates no byte lists. */
export function uuidV5(name: string, namespace: Buffer): string {
  const bytes = Buffer.allocUnsafe(16 + Buffer.byteLength(name));
  namespace.copy(bytes);
  bytes.write(name, 16);
  const digest = hash('sha1', bytes, 'hex');
  // The two upper bits of the ninth byte encode the variant.
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
