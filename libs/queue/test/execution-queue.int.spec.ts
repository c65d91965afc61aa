import { randomUUID } from 'node:crypto';

import { Secret } from '@tripline/runtime';
import { eventually, testInfra, uniqueName } from '@tripline/testing';

import {
  createExecutionQueue,
  createExecutionWorker,
  createProducerConnection,
  createWorkerConnection,
  JobLockLostError,
  QueueUnavailableError,
  UnfitRedisError,
  WorkerStoppingError,
  type ExecutionJobRun,
  type ExecutionQueue,
  type ExecutionWorker,
  type ExecutionWorkerOptions,
} from '../src/index';
import { observeRedisCommands } from '../src/connection/command-observer';
import type { RedisCommandEvent } from '../src/ports';
import { createPrivateRedis, type PrivateRedis } from './private-redis';

jest.setTimeout(30_000);
const WAIT = { timeoutMs: 20_000, intervalMs: 20 };
const TRACEPARENT = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;

const opened: { stop(): Promise<void> }[] = [];
const servers: PrivateRedis[] = [];
afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((made) => made.stop()));
  await Promise.allSettled(servers.splice(0).map((server) => server.remove()));
});

const config = (url: string) => ({ url: new Secret(url), prefix: '{test}' });
const execution = (generation = 1) => ({ executionId: randomUUID(), generation, userId: randomUUID() });
const executions = (count: number) => Array.from({ length: count }, () => execution());

async function privateRedis(...args: string[]): Promise<PrivateRedis> {
  const server = await createPrivateRedis(args);
  servers.push(server);
  return server;
}

async function queueOn(url: string, queueName: string): Promise<ExecutionQueue> {
  const queue = createExecutionQueue({ connection: createProducerConnection(config(url)), queueName });
  opened.push(queue);
  await queue.start();
  return queue;
}

async function workerOn(
  url: string,
  queueName: string,
  options: Partial<ExecutionWorkerOptions> & Pick<ExecutionWorkerOptions, 'handler'>,
): Promise<ExecutionWorker> {
  const worker = createExecutionWorker({
    connection: createWorkerConnection(config(url)),
    queueName,
    concurrency: 5,
    ...options,
  });
  opened.push(worker);
  await worker.start();
  return worker;
}

describe('execution queue', () => {
  const url = testInfra().redisUrl;

  it('hands each job to one worker once, with its trace', async () => {
    const name = uniqueName('queue');
    const queue = await queueOn(url, name);
    const runs: ExecutionJobRun[] = [];
    await workerOn(url, name, { handler: async (run) => void runs.push(run) });
    const jobs = executions(250);
    const first = { ...execution(), traceparent: TRACEPARENT };
    expect(await queue.enqueue([first, ...jobs])).toBe(251);
    await eventually(() => expect(runs).toHaveLength(251), WAIT);
    expect(new Set(runs.map(({ data }) => data.executionId)).size).toBe(251);
    const traced = runs.find(({ data }) => data.executionId === first.executionId);
    expect(traced?.traceCarrier).toEqual({ traceparent: TRACEPARENT });
    expect(traced?.data).toEqual({ executionId: first.executionId, generation: 1 });
    expect(runs.find(({ data }) => data.executionId === jobs[0]?.executionId)?.traceCarrier).toEqual({});
    await eventually(async () => expect(await queue.counts()).toMatchObject({ completed: 251, waiting: 0 }), WAIT);
  });

  it('ignores a job that already exists, waiting or done, and accepts its next generation', async () => {
    const name = uniqueName('queue');
    const queue = await queueOn(url, name);
    const job = execution();
    await queue.enqueue([job, job]);
    expect(await queue.enqueue([job])).toBe(1);
    expect(await queue.counts()).toMatchObject({ waiting: 1 });
    const generations: number[] = [];
    await workerOn(url, name, { handler: async ({ data }) => void generations.push(data.generation) });
    await eventually(async () => expect(await queue.counts()).toMatchObject({ completed: 1 }), WAIT);
    await queue.enqueue([job]);
    await queue.enqueue([{ ...job, generation: 2 }]);
    await eventually(() => expect(generations).toEqual([1, 2]), WAIT);
    expect(await queue.counts()).toMatchObject({ waiting: 0, active: 0 });
  });

  it('retries a job whose handler threw until it succeeds', async () => {
    const name = uniqueName('queue');
    const queue = await queueOn(url, name);
    const ends: string[] = [];
    let calls = 0;
    await workerOn(url, name, {
      handler: () => (++calls < 3 ? Promise.reject(new Error('no database')) : Promise.resolve()),
      onJobEnd: ({ status }) => ends.push(status),
    });
    await queue.enqueue([execution()]);
    await eventually(() => expect(ends).toEqual(['failed', 'failed', 'completed']), WAIT);
    expect(await queue.counts()).toMatchObject({ completed: 1, failed: 0, waiting: 0 });
  });

  it('reports commands by name, except harmless errors and blocking reads', async () => {
    const events: RedisCommandEvent[] = [];
    const unsubscribe = observeRedisCommands((event) => events.push(event));
    const name = uniqueName('queue');
    const queue = await queueOn(url, name);
    await workerOn(url, name, { handler: async () => undefined });
    await queue.enqueue(executions(3));
    await eventually(async () => expect(await queue.counts()).toMatchObject({ completed: 3 }), WAIT);
    unsubscribe();
    const names = new Set(events.map(({ command }) => command));
    expect([...names]).toEqual(expect.arrayContaining(['info', 'evalsha']));
    expect(names.has('bzpopmin')).toBe(false);
    expect(events.filter(({ status }) => status === 'error')).toEqual([]);
    expect(events.every(({ seconds }) => seconds >= 0 && seconds < 10)).toBe(true);
  });
});

describe('stopping execution worker', () => {
  const url = testInfra().redisUrl;

  it('lets running jobs finish and takes no new ones', async () => {
    const name = uniqueName('queue');
    const queue = await queueOn(url, name);
    let finish: () => void = () => undefined;
    let done = 0;
    const worker = await workerOn(url, name, {
      concurrency: 1,
      async handler() {
        await new Promise<void>((resolve) => (finish = resolve));
        done += 1;
      },
    });
    await queue.enqueue(executions(2));
    await eventually(() => expect(worker.progress().activeJobs).toBe(1), WAIT);
    const stopping = worker.stop();
    finish();
    await stopping;
    expect(done).toBe(1);
    expect(await queue.counts()).toMatchObject({ completed: 1, waiting: 1, active: 0 });
  });

  it('aborts jobs at its deadline, and another worker runs them again', async () => {
    const name = uniqueName('queue');
    const queue = await queueOn(url, name);
    const reasons: unknown[] = [];
    const timing = { lockDurationMs: 1_000, stalledIntervalMs: 300 };
    const worker = await workerOn(url, name, {
      ...timing,
      stopDeadlineMs: 100,
      abortGraceMs: 100,
      handler: ({ signal }) =>
        new Promise(() => signal.addEventListener('abort', () => reasons.push(signal.reason), { once: true })),
    });
    await queue.enqueue([execution()]);
    await eventually(() => expect(worker.progress().activeJobs).toBe(1), WAIT);
    const startedAt = performance.now();
    await worker.stop();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(reasons).toEqual([expect.any(WorkerStoppingError)]);
    let runs = 0;
    await workerOn(url, name, { ...timing, handler: async () => void (runs += 1) });
    await eventually(() => expect(runs).toBe(1), WAIT);
    expect(await queue.counts()).toMatchObject({ completed: 1, failed: 0 });
  });
});

describe('execution queue on a failing Redis', () => {
  it('runs jobs after a crash and restart of the server', async () => {
    const server = await privateRedis();
    const queue = await queueOn(server.url, 'restarted');
    const runs: string[] = [];
    await workerOn(server.url, 'restarted', { handler: async ({ data }) => void runs.push(data.executionId) });
    await queue.enqueue(executions(1));
    await eventually(() => expect(runs).toHaveLength(1), WAIT);
    await server.kill();
    await server.start();
    await eventually(() => queue.enqueue(executions(1)), WAIT);
    await eventually(() => expect(runs.length).toBeGreaterThanOrEqual(2), WAIT);
  });

  it('fails fast while the server is down, and recovers by itself', async () => {
    const server = await privateRedis();
    const queue = await queueOn(server.url, 'away');
    await server.kill();
    const startedAt = performance.now();
    await eventually(() => expect(queue.enqueue(executions(1))).rejects.toThrow(QueueUnavailableError), WAIT);
    await expect(queue.enqueue(executions(1))).rejects.toThrow(QueueUnavailableError);
    await expect(queue.counts()).rejects.toThrow(QueueUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await server.start();
    await eventually(() => queue.enqueue(executions(1)), WAIT);
  });

  it('starts without a server and enqueues once one is up', async () => {
    const server = await privateRedis();
    await server.kill();
    const queue = await queueOn(server.url, 'late');
    await expect(queue.enqueue(executions(1))).rejects.toThrow(QueueUnavailableError);
    await server.start();
    expect(await eventually(() => queue.enqueue(executions(2)), WAIT)).toBe(2);
  });

  it('aborts a job whose lock it could not renew', async () => {
    const server = await privateRedis();
    const queue = await queueOn(server.url, 'lock');
    const reasons: unknown[] = [];
    const worker = await workerOn(server.url, 'lock', {
      lockDurationMs: 600,
      stopDeadlineMs: 100,
      handler: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            resolve();
          });
        }),
    });
    await queue.enqueue(executions(1));
    await eventually(() => expect(worker.progress().activeJobs).toBe(1), WAIT);
    await server.kill();
    await eventually(() => expect(reasons).toEqual([expect.any(JobLockLostError)]), WAIT);
  });

  it('rejects a server that would evict jobs', async () => {
    const server = await privateRedis('--maxmemory-policy', 'allkeys-lru');
    const queue = createExecutionQueue({ connection: createProducerConnection(config(server.url)) });
    await expect(queue.start()).rejects.toMatchObject({ reason: 'evicts_keys' });
    const worker = createExecutionWorker({
      connection: createWorkerConnection(config(server.url)),
      concurrency: 1,
      handler: async () => undefined,
    });
    await expect(worker.start()).rejects.toThrow(UnfitRedisError);
  });
});
