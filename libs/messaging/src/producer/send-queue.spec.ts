import { MessageTooLargeError, SendQueueFullError } from '../errors';
import { pinnedHeaders } from './pinned-headers';
import { messageBytes, SendQueue, type SendCall } from './send-queue';

const call = (topic: string): SendCall => ({
  topic,
  count: 0,
  startedAt: 0,
  failed: false,
  slicesLeft: 0,
  resolve: () => undefined,
  reject: () => undefined,
});
const message = (value: string) => ({ key: 'k', value });
const SIZE = messageBytes(message('1234'));
const queueOf = (limits: Partial<Record<'maxMessageBytes' | 'maxRequestBytes' | 'maxQueuedBytes', number>> = {}) =>
  new SendQueue({ maxMessageBytes: 1_000, maxRequestBytes: 2 * SIZE, maxQueuedBytes: 10 * SIZE, ...limits });
const texts = (queue: SendQueue) =>
  queue.takeJoined().flatMap((slice) => slice.messages.map(({ value }) => String(value)));

describe('SendQueue', () => {
  it('batches waiting calls of one topic up to the request limit, in order', () => {
    const queue = queueOf();
    for (const value of ['0001', '0002', '0003']) queue.add(call('a'), [message(value)]);
    expect(texts(queue)).toEqual(['0001', '0002']);
    expect(texts(queue)).toEqual(['0003']);
    expect(queue.isEmpty).toBe(true);
    expect(queue.queuedBytes).toBe(0);
  });

  it('never mixes topics, and alternates between them', () => {
    const queue = queueOf({ maxRequestBytes: SIZE });
    for (const value of ['a001', 'a002']) queue.add(call('a'), [message(value)]);
    queue.add(call('b'), [message('b001')]);
    expect([texts(queue), texts(queue), texts(queue)]).toEqual([['a001'], ['b001'], ['a002']]);
  });

  it('cuts a call larger than one request into slices', () => {
    const queue = queueOf();
    const large = call('a');
    queue.add(large, ['0001', '0002', '0003'].map(message));
    expect(large.slicesLeft).toBe(2);
    expect([texts(queue), texts(queue)]).toEqual([['0001', '0002'], ['0003']]);
  });

  it('drops the remaining slices of a call that failed', () => {
    const queue = queueOf();
    const large = call('a');
    queue.add(large, ['0001', '0002', '0003'].map(message));
    queue.add(call('a'), [message('next')]);
    queue.takeJoined();
    large.failed = true;
    expect(texts(queue)).toEqual(['next']);
    expect(queue.queuedBytes).toBe(0);
  });

  it('rejects an oversize message before queueing anything of its call', () => {
    const queue = queueOf();
    expect(() => queue.add(call('a'), [message('0001'), message('x'.repeat(2_000))])).toThrow(MessageTooLargeError);
    expect(queue.isEmpty).toBe(true);
  });

  it('rejects bytes beyond its limit', () => {
    const queue = queueOf({ maxQueuedBytes: 2 * SIZE });
    queue.add(call('a'), ['0001', '0002'].map(message));
    expect(() => queue.add(call('a'), [message('0003')])).toThrow(SendQueueFullError);
    texts(queue);
    queue.add(call('a'), [message('0003')]);
    expect(texts(queue)).toEqual(['0003']);
  });
});

describe('pinnedHeaders', () => {
  it("keeps the caller's trace context when another is assigned later", () => {
    const headers = pinnedHeaders({ traceparent: 'mine', other: 'x' });
    headers['traceparent'] = 'somebody else';
    expect({ ...headers }).toEqual({ traceparent: 'mine', other: 'x' });
  });

  it('accepts an assigned trace context when the caller has none', () => {
    const headers = pinnedHeaders(undefined);
    headers['traceparent'] = 'instrumentation';
    expect(headers).toEqual({ traceparent: 'instrumentation' });
  });
});
