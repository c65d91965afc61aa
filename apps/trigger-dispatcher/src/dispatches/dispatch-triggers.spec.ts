import type { QueuedExecution } from '@tripline/queue';

import { createEnqueuer } from './dispatch-triggers';

const execution = { executionId: 'e1', generation: 2, userId: 'u1', traceparent: null };

function createHarness(failing: 'enqueue' | 'mark' | 'nothing') {
  const jobs: QueuedExecution[] = [];
  const marked: string[] = [];
  const failures: unknown[] = [];
  let enqueued = 0;
  const enqueue = createEnqueuer({
    queue: {
      name: 'queue',
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      counts: () => Promise.reject(new Error('not asked for here')),
      enqueue: (list) => {
        if (failing === 'enqueue') return Promise.reject(new Error('redis away'));
        jobs.push(...list);
        return Promise.resolve(list.length);
      },
    },
    decisions: {
      markEnqueued: (list) => {
        if (failing === 'mark') return Promise.reject(new Error('database away'));
        marked.push(...list.map(({ executionId }) => executionId));
        return Promise.resolve(list.length);
      },
    },
    onEnqueued: (count) => (enqueued += count),
    onEnqueueFailed: (error) => failures.push(error),
  });
  return { enqueue, jobs, marked, failures, enqueued: () => enqueued };
}

describe('createEnqueuer', () => {
  it('adds the jobs, then marks their executions', async () => {
    const harness = createHarness('nothing');
    await harness.enqueue([execution]);
    expect(harness.jobs).toEqual([execution]);
    expect(harness.marked).toEqual(['e1']);
    expect(harness.enqueued()).toBe(1);
  });

  it.each(['enqueue', 'mark'] as const)(
    'does not throw when %s fails: what is not marked belongs to the sweeper',
    async (step) => {
      const harness = createHarness(step);
      await expect(harness.enqueue([execution])).resolves.toBe(false);
      expect(harness.failures).toHaveLength(1);
      expect(harness.marked).toEqual([]);
      expect(harness.enqueued()).toBe(0);
    },
  );

  it('asks nobody when there is nothing to add', async () => {
    const harness = createHarness('enqueue');
    await harness.enqueue([]);
    expect(harness.failures).toEqual([]);
  });
});
