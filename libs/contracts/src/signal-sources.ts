import { GENERATOR_NAMES } from '@tripline/market';

/** `source` of the signals that the generator derives from history files. */
export const HISTORY_SOURCE = 'history-replay';
/** `source` of the signals that the generator simulates. */
export const MOCK_SOURCE = 'mock';

/** Sources reserved for our own services: the values they use, the services' names, and names easily mistaken for them. */
export const RESERVED_SOURCES: readonly string[] = [
  HISTORY_SOURCE,
  'history',
  MOCK_SOURCE,
  'tripline',
  'signal-generator',
  'trigger-dispatcher',
  ...GENERATOR_NAMES,
];
const RESERVED = new Set(RESERVED_SOURCES.map(plainName));

/**
 * Whether a source is reserved. A user's signal with such a source would look like one of ours and match subscriptions to it.
 * Ignores case, spaces, hyphens, look-alike letters and everything after a colon.
 */
export function isReservedSource(source: string): boolean {
  return RESERVED.has(plainName(source.split(':', 1)[0] ?? ''));
}

function plainName(source: string): string {
  return source
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
