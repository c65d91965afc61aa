import type { QueuedExecution } from '../ports';
import { enqueueExecutions } from './enqueue';

const EXECUTION: QueuedExecution = { executionId: 'e1', generation: 2, userId: 'u1', traceparent: null };

function createHarness(failing: 'add' | 'acknowledge' | 'nothing') {
  const calls: string[] = [];
  const failures: { error: unknown; executions: readonly QueuedExecution[] }[] = [];
  const step = (name: 'add' | 'acknowledge') => (executions: readonly QueuedExecution[]) => {
    if (failing === name) return Promise.reject(new Error(`${name} fails`));
    calls.push(`${name} ${executions.map(({ executionId }) => executionId).join()}`);
    return Promise.resolve(executions.length);
  };
  const enqueue = (executions: readonly QueuedExecution[]): Promise<boolean> =>
    enqueueExecutions(executions, {
      queue: { enqueue: step('add') },
      acknowledge: step('acknowledge'),
      onEnqueued: (count) => void calls.push(`enqueued ${count}`),
      onFailed: (error, left) => void failures.push({ error, executions: left }),
    });
  return { enqueue, calls, failures };
}

describe('enqueueExecutions', () => {
  it('adds the jobs, then acknowledges the executions', async () => {
    const { enqueue, calls, failures } = createHarness('nothing');
    await expect(enqueue([EXECUTION])).resolves.toBe(true);
    expect(calls).toEqual(['add e1', 'acknowledge e1', 'enqueued 1']);
    expect(failures).toEqual([]);
  });

  it('leaves executions to the sweeper without throwing when their jobs cannot be added', async () => {
    const { enqueue, calls, failures } = createHarness('add');
    await expect(enqueue([EXECUTION])).resolves.toBe(false);
    expect(calls).toEqual([]);
    expect(failures).toEqual([{ error: new Error('add fails'), executions: [EXECUTION] }]);
  });

  it('reports executions as not enqueued when the acknowledgement fails', async () => {
    const { enqueue, calls, failures } = createHarness('acknowledge');
    await expect(enqueue([EXECUTION])).resolves.toBe(false);
    expect(calls).toEqual(['add e1']);
    expect(failures).toHaveLength(1);
  });

  it('calls neither Redis nor PostgreSQL without executions', async () => {
    const { enqueue, calls } = createHarness('nothing');
    await expect(enqueue([])).resolves.toBe(true);
    expect(calls).toEqual([]);
  });
});
