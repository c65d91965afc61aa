import { GENERATOR_NAMES } from '@tripline/market';

/** `source` of the signals that the generator derives from history files. */
export const HISTORY_SOURCE = 'history-replay';
/** `source` of the signals that the generator makes up. */
export const MOCK_SOURCE = 'mock';

/** The sources that only our own services can name: what they use, their names, and the words people take for them. */
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
 * Whether a user's signal must not have this source: it would look like one of ours, and match the subscriptions that ask for
 * ours. Case, spaces, hyphens, look-alike letters and what follows a colon make no difference.
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
