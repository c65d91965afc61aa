import { createLogger } from '@tripline/telemetry';

import type { Component } from './component';
import { createLifecycle } from './lifecycle';
import { runService } from './run-service';

const lines: string[] = [];
const logger = createLogger({
  service: 'worker',
  level: 'debug',
  destination: { write: (line) => void lines.push(line) },
});

function createComponents(overrides: Record<string, Partial<Component>> = {}) {
  const calls: string[] = [];
  const components = ['db', 'queue', 'consumer'].map((name): Component => ({
    name,
    start: async () => void calls.push(`start ${name}`),
    stop: async () => void calls.push(`stop ${name}`),
    ...overrides[name],
  }));
  return { calls, components };
}

beforeEach(() => void lines.splice(0));

describe('createLifecycle', () => {
  it('does nothing until started, then starts in order and stops once in reverse order', async () => {
    const { calls, components } = createComponents();
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 1_000 });
    expect(calls).toEqual([]);
    await Promise.all([lifecycle.start(), lifecycle.start()]);
    const reports = await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(calls).toEqual(['start db', 'start queue', 'start consumer', 'stop consumer', 'stop queue', 'stop db']);
    expect(reports).toEqual([{ failed: [] }, { failed: [] }]);
  });

  it('stops the other components when one stop throws, and names the failed one', async () => {
    const { calls, components } = createComponents({ queue: { stop: () => Promise.reject(new Error('stuck')) } });
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 1_000 });
    await lifecycle.start();
    expect(await lifecycle.stop()).toEqual({ failed: ['queue'] });
    expect(calls.slice(3)).toEqual(['stop consumer', 'stop db']);
    expect(lines.join('')).toContain('"component_stop_failed"');
  });

  it('stops the started components, including the failed one, when a start throws', async () => {
    const { calls, components } = createComponents({ queue: { start: () => Promise.reject(new Error('no redis')) } });
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 1_000 });
    await expect(lifecycle.start()).rejects.toThrow('no redis');
    expect(calls).toEqual(['start db', 'stop queue', 'stop db']);
  });

  it('continues after the deadline when a stop hangs', async () => {
    const { calls, components } = createComponents({ consumer: { stop: () => new Promise(() => undefined) } });
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 20 });
    await lifecycle.start();
    expect(await lifecycle.stop()).toEqual({ failed: ['consumer'] });
    expect(calls.slice(3)).toEqual(['stop queue', 'stop db']);
  });

  it('aborts a start when a stop arrives', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { calls, components } = createComponents({ db: { start: () => gate } });
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 1_000 });
    const starting = lifecycle.start();
    await lifecycle.stop();
    release();
    await starting;
    expect(calls).toEqual(['stop db']);
  });
});

describe('runService', () => {
  function createHost() {
    const listeners = new Map<string, (...args: unknown[]) => void>();
    let exited: (code: number) => void = () => undefined;
    const exit = new Promise<number>((resolve) => (exited = resolve));
    const host = {
      on: (event: string, listener: (...args: unknown[]) => void) => void listeners.set(event, listener),
      exit: (code: number) => exited(code),
    };
    return { host, exit, emit: (event: string, ...args: unknown[]) => listeners.get(event)?.(...args) };
  }

  it('runs the last step and exits with 0 after a clean stop on SIGTERM', async () => {
    const { host, exit, emit } = createHost();
    const { calls, components } = createComponents();
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 1_000 });
    await runService({
      name: 'worker',
      lifecycle,
      logger,
      process: host,
      onStopped: async () => void calls.push('flush'),
    });
    emit('SIGTERM');
    expect(await exit).toBe(0);
    expect(calls.at(-1)).toBe('flush');
  });

  it('exits with 1 and logs the error on an unhandled rejection', async () => {
    const { host, exit, emit } = createHost();
    const lifecycle = createLifecycle({ logger, components: createComponents().components, stopDeadlineMs: 1_000 });
    await runService({ name: 'worker', lifecycle, logger, process: host });
    emit('unhandledRejection', new Error('forgotten'));
    expect(await exit).toBe(1);
    expect(lines.join('')).toContain('"error_message":"forgotten"');
  });

  it('exits with 1 when the start fails', async () => {
    const { host, exit } = createHost();
    const { components } = createComponents({ db: { start: () => Promise.reject(new Error('no database')) } });
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 1_000 });
    await runService({ name: 'worker', lifecycle, logger, process: host });
    expect(await exit).toBe(1);
  });

  it('exits at once on a second signal', async () => {
    const { host, exit, emit } = createHost();
    const { components } = createComponents({ db: { stop: () => new Promise(() => undefined) } });
    const lifecycle = createLifecycle({ logger, components, stopDeadlineMs: 200 });
    await runService({ name: 'worker', lifecycle, logger, process: host });
    emit('SIGTERM');
    emit('SIGTERM');
    expect(await exit).toBe(1);
    emit('SIGTERM');
  });
});
