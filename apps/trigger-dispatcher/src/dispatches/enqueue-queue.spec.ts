import { createEnqueueQueue } from './enqueue-queue';

function executions(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({
    executionId: `e${from + index}`,
    generation: 1,
    userId: 'u1',
    traceparent: null,
  }));
}

/** An enqueuer whose calls end when the test says so. */
function createHarness(limits: { maxPerCall?: number; callsAtOnce?: number; maxWaiting?: number } = {}) {
  const calls: string[][] = [];
  const ends: (() => void)[] = [];
  const queue = createEnqueueQueue({
    enqueue: (list) => {
      calls.push(list.map(({ executionId }) => executionId));
      return new Promise<void>((resolve) => ends.push(resolve));
    },
    ...limits,
  });
  const endCall = async (index: number): Promise<void> => {
    ends[index]?.();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { queue, calls, endCall };
}

describe('the queue in front of the queue', () => {
  it('sends what comes at once when nothing is under way, and does not make the caller wait', async () => {
    const { queue, calls } = createHarness();
    await queue.add(executions(2));
    expect(calls).toEqual([['e0', 'e1']]);
  });

  it('joins what comes meanwhile, in order, into calls of a limited size', async () => {
    const { queue, calls, endCall } = createHarness({ maxPerCall: 3, callsAtOnce: 1 });
    await queue.add(executions(1));
    await queue.add(executions(2, 1));
    await queue.add(executions(2, 3));
    expect(calls).toEqual([['e0']]);
    await endCall(0);
    await endCall(1);
    expect(calls).toEqual([['e0'], ['e1', 'e2', 'e3'], ['e4']]);
  });

  it('makes the caller wait at the limit until there is room', async () => {
    const { queue, endCall } = createHarness({ maxPerCall: 2, callsAtOnce: 1, maxWaiting: 3 });
    let isAdded = false;
    await queue.add(executions(2));
    const adding = queue.add(executions(4, 2)).then(() => (isAdded = true));
    await Promise.resolve();
    expect(isAdded).toBe(false);
    await endCall(0);
    await adding;
    expect(isAdded).toBe(true);
  });

  it('is empty when it has stopped', async () => {
    const { queue, calls, endCall } = createHarness({ maxPerCall: 2, callsAtOnce: 1 });
    await queue.add(executions(3));
    let isStopped = false;
    const stopping = queue.stop().then(() => (isStopped = true));
    await endCall(0);
    expect(isStopped).toBe(false);
    await endCall(1);
    await stopping;
    expect(calls.flat()).toEqual(['e0', 'e1', 'e2']);
  });
});
