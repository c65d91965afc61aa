import { isReservedSource, RESERVED_SOURCES } from './signal-sources';

describe('isReservedSource', () => {
  it.each(RESERVED_SOURCES)('is true for %s', (source) => expect(isReservedSource(source)).toBe(true));

  it.each(['History', ' history-replay ', 'HISTORY_REPLAY', 'mock:7', 'golden cross', 'ｍｏｃｋ', 'm\u200bock'])(
    'holds %j, which reads like a reserved one',
    (source) => expect(isReservedSource(source)).toBe(true),
  );

  it.each(['http', 'my-desk', 'kcat', 'webhook:tradingview', 'mockingbird', 'my-history', ''])(
    'leaves %j to the users',
    (source) => expect(isReservedSource(source)).toBe(false),
  );
});
