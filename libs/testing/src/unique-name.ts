import { randomBytes } from 'node:crypto';

/**
 * A name no other test run uses, for topics, queues, databases and consumer groups: `<prefix>_<time>_<random>`, lower
 * case letters, digits and `_` only (what all of them take), at most 63 characters (PostgreSQL's limit).
 */
export function uniqueName(prefix: string): string {
  const clean = prefix.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return `${clean.slice(0, 40)}_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
}
