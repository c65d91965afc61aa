import { randomUUID } from 'node:crypto';

import { Secret } from '@tripline/runtime';
import { eventually, testInfra, uniqueName } from '@tripline/testing';

import {
  createExecutionQueue,
  createExecutionWorker,
  createProducerConnection,
  createWorkerConnection,
  type QueuedExecution,
} from '../src/index';

jest.setTimeout(60_000);
const WAIT = { timeoutMs: 50_000, intervalMs: 10 };
const FLOOD = 5_000;
const CONCURRENCY = 4;
const BURST = 20;

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((made) => made.stop()));
});

const config = { url: new Secret(testInfra().redisUrl), prefix: '{fair}' };
const runsOf = (userId: string, count: number): QueuedExecution[] =>
  Array.from({ length: count }, () => ({ executionId: randomUUID(), generation: 1, userId }));

/** A queue and a worker that runs four jobs at once, each in one event-loop turn; `started` lists the ids in order. */
async function createHarness() {
  const queueName = uniqueName('fair');
  const queue = createExecutionQueue({ connection: createProducerConnection(config), queueName });
  const started: string[] = [];
  const worker = createExecutionWorker({
    connection: createWorkerConnection(config),
    queueName,
    concurrency: CONCURRENCY,
    handler: async ({ data }) => {
      started.push(data.executionId);
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  opened.push(worker, queue);
  await queue.start();
  return { queue, worker, started };
}

describe('executions of several users', () => {
  it("start in a fair order: a user's single execution passes five thousand of another user, whose own order is kept", async () => {
    const { queue, worker, started } = await createHarness();
    const flood = runsOf('a', FLOOD);
    for (let from = 0; from < FLOOD; from += 500) await queue.enqueue(flood.slice(from, from + 500));
    await worker.start();
    await eventually(() => expect(started.length).toBeGreaterThan(2 * BURST), WAIT);
    const [single] = runsOf('b', 1);
    await queue.enqueue([single!]);
    const whenQueued = started.length;
    await eventually(() => expect(started).toContain(single?.executionId), WAIT);
    expect(started.indexOf(single?.executionId ?? '') - whenQueued).toBeLessThanOrEqual(2 * CONCURRENCY);

    await eventually(() => expect(started).toHaveLength(FLOOD + 1), WAIT);
    expect(started.filter((id) => id !== single?.executionId)).toEqual(flood.map(({ executionId }) => executionId));
  });

  it('share the workers evenly when several users exceed their rate', async () => {
    const { queue, worker, started } = await createHarness();
    const [a, b] = [runsOf('a', 1_000), runsOf('b', 200)];
    await queue.enqueue(a);
    await queue.enqueue(b);
    await worker.start();
    await eventually(() => expect(started).toHaveLength(1_200), WAIT);
    const lastOfB = Math.max(...b.map(({ executionId }) => started.indexOf(executionId)));
    // Both have 200 by then, and a few are under way.
    expect(lastOfB).toBeLessThan(400 + 2 * CONCURRENCY);
  });
});
