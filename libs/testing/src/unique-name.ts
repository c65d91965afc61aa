import { randomBytes } from 'node:crypto';

/**
 * A name that no other test uses, for topics, queues, databases and consumer groups: `<prefix>_<time>_<random>`, with
 * lower-case letters, digits and `_` only (accepted by all of them), at most 63 characters (PostgreSQL's limit).
 */
export function uniqueName(prefix: string): string {
  const clean = prefix.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return `${clean.slice(0, 40)}_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
}
