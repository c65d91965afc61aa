import { eventually } from '@tripline/testing';

import { setImmediate as turn } from 'node:timers/promises';

import { createEnqueueBuffer } from './enqueue-buffer';

function executions(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({
    executionId: `e${from + index}`,
    generation: 1,
    userId: 'u1',
    traceparent: null,
  }));
}

/** Redis answers when the test says so; PostgreSQL answers at once. */
function createHarness(limits: { maxPerCall?: number; callsAtOnce?: number; maxWaiting?: number } = {}) {
  const calls: string[][] = [];
  const acknowledged: string[][] = [];
  const ends: ((isAdded: boolean) => void)[] = [];
  const idsOf = (list: readonly { executionId: string }[]): string[] => list.map(({ executionId }) => executionId);
  const queue = createEnqueueBuffer({
    steps: {
      add: (list) => {
        calls.push(idsOf(list));
        return new Promise<boolean>((resolve) => ends.push(resolve));
      },
      acknowledge: async (list) => {
        acknowledged.push(idsOf(list));
        return true;
      },
    },
    acknowledgeIntervalMs: 5,
    ...limits,
  });
  const endCall = async (index: number, isAdded = true): Promise<void> => {
    await turn();
    ends[index]?.(isAdded);
    await turn();
  };
  return { queue, calls, acknowledged, endCall };
}

describe('createEnqueueBuffer', () => {
  it('sends an execution at once when idle, without making the caller wait', async () => {
    const { queue, calls } = createHarness();
    await queue.add(executions(2));
    await turn();
    expect(calls).toEqual([['e0', 'e1']]);
  });

  it('sends executions that several callers add in one event-loop turn in one call', async () => {
    const { queue, calls } = createHarness();
    await Promise.all([queue.add(executions(1)), queue.add(executions(2, 1))]);
    await turn();
    expect(calls).toEqual([['e0', 'e1', 'e2']]);
  });

  it('batches executions that arrive during a call, in order, into calls of limited size', async () => {
    const { queue, calls, endCall } = createHarness({ maxPerCall: 3, callsAtOnce: 1 });
    await queue.add(executions(1));
    await turn();
    await queue.add(executions(2, 1));
    await queue.add(executions(2, 3));
    expect(calls).toEqual([['e0']]);
    await endCall(0);
    await endCall(1);
    expect(calls).toEqual([['e0'], ['e1', 'e2', 'e3'], ['e4']]);
  });

  it('makes the caller wait while the buffer is full', async () => {
    const { queue, endCall } = createHarness({ maxPerCall: 2, callsAtOnce: 1, maxWaiting: 3 });
    let isAdded = false;
    await queue.add(executions(2));
    const adding = queue.add(executions(4, 2)).then(() => (isAdded = true));
    await turn();
    expect(isAdded).toBe(false);
    await endCall(0);
    await adding;
    expect(isAdded).toBe(true);
  });

  it('acknowledges in one batch only the executions whose jobs were added', async () => {
    const { queue, acknowledged, endCall } = createHarness({ maxPerCall: 1, callsAtOnce: 4 });
    await queue.add(executions(4));
    await endCall(0);
    await endCall(1);
    await endCall(2, false);
    await endCall(3);
    await eventually(() => expect(acknowledged).toEqual([['e0'], ['e1', 'e3']]));
  });

  it('is empty after it has stopped', async () => {
    const { queue, calls, acknowledged, endCall } = createHarness({ maxPerCall: 2, callsAtOnce: 1 });
    await queue.add(executions(3));
    let isStopped = false;
    const stopping = queue.stop().then(() => (isStopped = true));
    await endCall(0);
    expect(isStopped).toBe(false);
    await endCall(1);
    await stopping;
    expect(calls.flat()).toEqual(['e0', 'e1', 'e2']);
    expect(acknowledged.flat()).toEqual(['e0', 'e1', 'e2']);
  });
});
