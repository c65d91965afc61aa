import type { TopicContract } from '@tripline/contracts';
import { eventually, uniqueName } from '@tripline/testing';

import { collector, createHarness, type MessagingPort, type Received } from './harness';

const WAIT = { timeoutMs: 20_000, intervalMs: 20 };

const values = (received: readonly Received[]): string[] => received.map(({ value }) => String(value));
const numbered = (count: number, key: (index: number) => string = () => 'k') =>
  Array.from({ length: count }, (_, index) => ({ key: key(index), value: `v${index}` }));

/** Everything Tripline needs from a Kafka client, against a real broker. */
export function describeMessaging(name: string, createPort: () => MessagingPort): void {
  describe(`${name} as messaging port`, () => {
    let harness: ReturnType<typeof createHarness>;

    beforeAll(async () => {
      harness = createHarness(createPort());
      await harness.admin.start();
    });
    afterEach(() => harness.close());
    afterAll(() => harness.admin.stop());

    describeDelivery(() => harness);
    describeCommits(() => harness);
    describeGroups(() => harness);
    describeProducing(() => harness);
    describeAdmin(() => harness);
  });
}

type GetHarness = () => ReturnType<typeof createHarness>;

function describeDelivery(get: GetHarness): void {
  it('delivers every record once, in order per key, with its key, headers and append time', async () => {
    const topic = await get().topic();
    const { received, handler } = collector();
    const producer = await get().producer();
    const before = Date.now();
    await producer.send(
      topic,
      numbered(300, (index) => `key-${index % 7}`).map((message) => ({ ...message, headers: { traceparent: '00-a' } })),
    );
    const consumer = await get().consumer({ topics: [topic], handler });
    await eventually(() => expect(received).toHaveLength(300), WAIT);
    for (let key = 0; key < 7; key += 1) {
      const mine = received.filter((message) => String(message.key) === `key-${key}`);
      const indexes = mine.map(({ value }) => Number(String(value).slice(1)));
      expect(indexes).toEqual([...indexes].sort((a, b) => a - b));
      expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
    }
    expect(received[0]?.headers).toEqual({ traceparent: '00-a' });
    expect(Math.abs((received[0]?.timestampMs ?? 0) - before)).toBeLessThan(60_000);
    expect(consumer.crashes).toEqual([]);
    expect(consumer.lastPollAt()).not.toBeNull();
    expect(consumer.progress().every(({ lag }) => lag === 0)).toBe(true);
  });

  it('starts at the oldest record when the group has no offsets', async () => {
    const topic = await get().topic();
    const producer = await get().producer();
    await producer.send(topic, numbered(10));
    const { received, handler } = collector();
    await get().consumer({ topics: [topic], handler });
    await eventually(() => expect(values(received)).toEqual(numbered(10).map(({ value }) => value)), WAIT);
  });

  it('cuts a fetched batch into chunks of the given record count', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(25));
    const sizes: number[] = [];
    await get().consumer({
      topics: [topic],
      limits: { maxRecords: 10 },
      handler: async ({ messages }) => void sizes.push(messages.length),
    });
    await eventually(() => expect(sizes).toEqual([10, 10, 5]), WAIT);
  });
}

function describeCommits(get: GetHarness): void {
  it('redelivers a chunk whose handler threw, and nothing before it', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(30));
    const { received, handler } = collector();
    let failures = 0;
    await get().consumer({
      topics: [topic],
      limits: { maxRecords: 10 },
      async handler(batch) {
        if (batch.messages[0]?.offset === 10n && failures < 2) {
          failures += 1;
          throw new Error('not now');
        }
        await handler(batch);
      },
    });
    await eventually(() => expect(received).toHaveLength(30), WAIT);
    expect(failures).toBe(2);
    expect(values(received)).toEqual(numbered(30).map(({ value }) => value));
  });

  it('commits last + 1 after each chunk and resumes there after a restart', async () => {
    const topic = await get().topic(1);
    const groupId = uniqueName('group');
    const producer = await get().producer();
    await producer.send(topic, numbered(20));
    const first = collector();
    const one = await get().consumer({ topics: [topic], groupId, handler: first.handler });
    await eventually(() => expect(first.received).toHaveLength(20), WAIT);
    await eventually(async () => {
      expect(await get().admin.groupLag(groupId, topic)).toEqual([{ partition: 0, committed: 20n, lag: 0n }]);
    }, WAIT);
    await one.stop();
    await producer.send(topic, [{ key: 'k', value: 'next' }]);
    const second = collector();
    await get().consumer({ topics: [topic], groupId, handler: second.handler });
    await eventually(() => expect(values(second.received)).toEqual(['next']), WAIT);
  });

  it('loses nothing when stopped in the middle of a batch', async () => {
    const topic = await get().topic(1);
    const groupId = uniqueName('group');
    const producer = await get().producer();
    await producer.send(topic, numbered(50));
    const first = collector();
    let reached: () => void = () => undefined;
    const thirdChunk = new Promise<void>((resolve) => (reached = resolve));
    const one = await get().consumer({
      topics: [topic],
      groupId,
      limits: { maxRecords: 10 },
      async handler(batch) {
        await first.handler(batch);
        if (first.received.length === 30) {
          reached();
          await eventually(() => expect(batch.isRunning()).toBe(false), WAIT);
        }
      },
    });
    await thirdChunk;
    await one.stop();
    expect(first.received).toHaveLength(30);
    expect(await get().admin.groupLag(groupId, topic)).toEqual([{ partition: 0, committed: 30n, lag: 20n }]);
    const second = collector();
    await get().consumer({ topics: [topic], groupId, handler: second.handler });
    await eventually(() => expect(second.received).toHaveLength(20), WAIT);
    expect(second.received[0]?.offset).toBe(30n);
  });

  it('continues from the offset that onBatchStart seeks to', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(10));
    const { received, handler } = collector();
    let hasSought = false;
    await get().consumer({
      topics: [topic],
      handler,
      onBatchStart: ({ firstOffset, seek }) => {
        if (hasSought) return;
        hasSought = true;
        expect(firstOffset).toBe(0n);
        seek(7n);
      },
    });
    await eventually(() => expect(values(received)).toEqual(['v7', 'v8', 'v9']), WAIT);
  });
}

function describeGroups(get: GetHarness): void {
  it('shares the partitions of a group and hands them over when a member leaves', async () => {
    const topic = await get().topic();
    const groupId = uniqueName('group');
    const producer = await get().producer();
    const one = collector();
    const two = collector();
    const first = await get().consumer({ topics: [topic], groupId, handler: one.handler });
    await get().consumer({ topics: [topic], groupId, handler: two.handler });
    let sent = 0;
    await eventually(async () => {
      await producer.send(
        topic,
        numbered(40, (index) => `key-${index}`),
      );
      sent += 40;
      expect(one.received.length).toBeGreaterThan(0);
      expect(two.received.length).toBeGreaterThan(0);
    }, WAIT);
    await first.stop();
    await producer.send(
      topic,
      numbered(40, (index) => `key-${index}`),
    );
    sent += 40;
    const seen = (): number =>
      new Set([...one.received, ...two.received].map(({ partition, offset }) => `${partition}/${offset}`)).size;
    await eventually(() => expect(seen()).toBe(sent), WAIT);
  });

  it('counts the lag of a group without committed offsets from the oldest record', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(5));
    expect(await get().admin.groupLag(uniqueName('group'), topic)).toEqual([
      { partition: 0, committed: null, lag: 5n },
    ]);
  });

  it('stops permanently on an error it cannot retry, and reports it once', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(1));
    const consumer = await get().consumer({
      topics: [topic],
      handler: async () => {
        throw new TypeError('a bug, not an outage');
      },
    });
    await eventually(() => expect(consumer.crashes).toHaveLength(1), WAIT);
    expect(consumer.isAssigned()).toBe(false);
  });

  it('reports a handler that hangs without a heartbeat as a crash', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(1));
    let release: () => void = () => undefined;
    const consumer = await get().consumer({
      topics: [topic],
      limits: { maxIdleMs: 600 },
      handler: () => new Promise<void>((resolve) => (release = resolve)),
    });
    await eventually(() => expect(consumer.crashes).toHaveLength(1), WAIT);
    release();
  });
}

function describeProducing(get: GetHarness): void {
  it('batches concurrent sends without losing or reordering any', async () => {
    const topic = await get().topic(1);
    const published: number[] = [];
    const producer = await get().producer({ onPublished: ({ count }) => published.push(count) });
    await Promise.all(numbered(500).map((message) => producer.send(topic, [message])));
    const read: string[] = [];
    await get().admin.readAll(topic, ({ value }) => read.push(String(value)));
    expect(read).toEqual(numbered(500).map(({ value }) => value));
    expect(published).toHaveLength(500);
  });

  it('rejects an oversize message at once and still sends the others', async () => {
    const topic = await get().topic(1);
    const failures: string[] = [];
    const producer = await get().producer({ onPublishFailed: ({ error }) => failures.push(error) });
    const [large, small] = await Promise.allSettled([
      producer.send(topic, [{ key: 'k', value: Buffer.alloc(70_000) }]),
      producer.send(topic, [{ key: 'k', value: 'small' }]),
    ]);
    expect(large).toMatchObject({ status: 'rejected', reason: { kind: 'too_large' } });
    expect(small?.status).toBe('fulfilled');
    expect(failures).toEqual(['too_large']);
  });

  it('rejects the send when the broker rejects a batch, and continues', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer({ maxMessageBytes: 4 << 20, maxRequestBytes: 8 << 20 });
    await expect(producer.send(topic, [{ key: 'k', value: Buffer.alloc(2 << 20) }])).rejects.toMatchObject({
      kind: 'too_large',
    });
    await producer.send(topic, [{ key: 'k', value: 'after' }]);
    expect(await get().admin.offsets(topic)).toEqual([{ partition: 0, low: 0n, high: 1n }]);
  });

  it('splits a call larger than one request into several requests, in order', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer({ maxRequestBytes: 4_096 });
    await producer.send(topic, numbered(1_000));
    const read: string[] = [];
    expect(await get().admin.readAll(topic, ({ value }) => read.push(String(value)))).toBe(1_000);
    expect(read).toEqual(numbered(1_000).map(({ value }) => value));
  });

  it('sends what is queued when stopped, then rejects new sends', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    const sending = producer.send(topic, numbered(100));
    await producer.stop();
    await sending;
    await expect(producer.send(topic, numbered(1))).rejects.toMatchObject({ kind: 'stopped' });
    expect(await get().admin.offsets(topic)).toEqual([{ partition: 0, low: 0n, high: 100n }]);
  });
}

function describeAdmin(get: GetHarness): void {
  const contract = (name: string): TopicContract => ({
    name,
    schemaVersion: 1,
    key: 'test',
    defaultPartitions: 1,
    maxMessageBytes: 65_536,
  });

  it('creates a topic once, grows it and never shrinks it', async () => {
    const name = await get().topic(2);
    const { admin } = get();
    await admin.ensureTopic(contract(name), { partitions: 2, replicationFactor: 1 });
    expect(await admin.offsets(name)).toHaveLength(2);
    await admin.ensureTopic(contract(name), { partitions: 4, replicationFactor: 1 });
    await eventually(async () => expect(await admin.offsets(name)).toHaveLength(4), WAIT);
    await admin.ensureTopic(contract(name), { partitions: 1, replicationFactor: 1 });
    expect(await admin.offsets(name)).toHaveLength(4);
  });

  it('reads a topic from its beginning to its end at the time of the call', async () => {
    const topic = await get().topic();
    const producer = await get().producer();
    await producer.send(
      topic,
      numbered(200, (index) => `key-${index}`),
    );
    const read = new Set<string>();
    expect(await get().admin.readAll(topic, ({ value }) => read.add(String(value)))).toBe(200);
    expect(read.size).toBe(200);
    expect(await get().admin.readAll(await get().topic(), () => undefined)).toBe(0);
  });

  it("reads a time range in log order per partition without changing any group's offsets", async () => {
    const topic = await get().topic(2);
    const producer = await get().producer();
    const key = (index: number) => `key-${index % 9}`;
    await producer.send(topic, numbered(30, key));
    const before = await get().admin.offsets(topic);
    // Append times are whole milliseconds: the next record must not share one with the previous record.
    const sent = Date.now();
    await eventually(() => expect(Date.now()).toBeGreaterThan(sent + 1), { timeoutMs: 1_000, intervalMs: 2 });
    const at = Date.now();
    await producer.send(topic, numbered(40, key));
    const starts = await get().admin.offsetsAt(topic, at - 0.5);
    expect(starts).toEqual(before.map(({ partition, high }) => ({ partition, offset: high })));

    const ranges = starts.map(({ partition, offset }) => ({ partition, low: offset, high: offset + 7n }));
    const read = new Map<number, bigint[]>();
    const sizes: number[] = [];
    const count = await get().admin.readRange(
      topic,
      ranges,
      ({ partition, messages }) => {
        sizes.push(messages.length);
        read.set(partition, [...(read.get(partition) ?? []), ...messages.map(({ offset }) => offset)]);
      },
      { chunk: { maxRecords: 3 }, partitionsAtOnce: 2 },
    );
    expect(count).toBe(14);
    expect(Math.max(...sizes)).toBe(3);
    for (const { partition, low } of ranges) {
      expect(read.get(partition)).toEqual(Array.from({ length: 7 }, (_, index) => low + BigInt(index)));
    }
    const later = await get().admin.offsetsAt(topic, Date.now() + 60_000);
    expect(later).toEqual(
      (await get().admin.offsets(topic)).map(({ partition, high }) => ({ partition, offset: high })),
    );
  });

  it('accepts deleting the offsets of an unknown group', async () => {
    await expect(get().admin.deleteGroup('nobody-was-ever-in-it')).resolves.toBeUndefined();
  });

  it('ends a read early when aborted', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(50));
    const stop = new AbortController();
    const range = await get().admin.offsets(topic);
    const count = await get().admin.readRange(topic, range, () => stop.abort(), {
      chunk: { maxRecords: 10 },
      signal: stop.signal,
    });
    expect(count).toBe(10);
  });

  it('rethrows errors of the reader', async () => {
    const topic = await get().topic(1);
    const producer = await get().producer();
    await producer.send(topic, numbered(3));
    const reading = get().admin.readAll(topic, () => {
      throw new Error('reader failed');
    });
    await expect(reading).rejects.toThrow('reader failed');
  });
}
