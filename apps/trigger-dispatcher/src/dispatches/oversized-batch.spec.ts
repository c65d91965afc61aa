import type { IncomingMessage } from '@tripline/messaging';

import { describeDeadRecord, partsOf } from './decode-chunk';

describe('partsOf', () => {
  it('takes the records of a batch that was not unpacked for dead, each with its offset', () => {
    const messages: IncomingMessage[] = [7n, 8n].map((offset) => ({
      offset,
      key: null,
      value: null,
      headers: {},
      timestampMs: 1_000,
      isOversized: true,
    }));
    const parts = [...partsOf(messages, () => [])];
    const dead = parts.flatMap((part) => part.dead.map(describeDeadRecord));
    expect(dead).toMatchObject([
      { offset: 7n, reason: 'batch_too_large' },
      { offset: 8n, reason: 'batch_too_large' },
    ]);
    expect(parts[0]?.messages).toHaveLength(2);
  });
});
