import type { IncomingMessage } from '@tripline/messaging';

import { describeDeadRecord } from './dead-records';
import { createMatcher } from './match-chunk';

describe('createMatcher', () => {
  it('marks each record of a batch that was not decompressed as dead, with its offset', () => {
    const messages: IncomingMessage[] = [7n, 8n].map((offset) => ({
      offset,
      key: null,
      value: null,
      headers: {},
      timestampMs: 1_000,
      isOversized: true,
    }));
    const match = createMatcher({ currentIndex: () => ({ match: () => [] }) });
    const chunk = {
      topic: 'trading-signals',
      partition: 0,
      highWatermark: 9n,
      messages,
      heartbeat: () => Promise.resolve(),
      isRunning: () => true,
    };
    const chunks = [...match(chunk)];
    const dead = chunks.flatMap((part) => part.dead.map(describeDeadRecord));
    expect(dead).toMatchObject([
      { offset: 7n, reason: 'batch_too_large' },
      { offset: 8n, reason: 'batch_too_large' },
    ]);
    expect(chunks[0]?.chunk.messages).toHaveLength(2);
  });
});
