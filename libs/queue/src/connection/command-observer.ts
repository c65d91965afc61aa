import { tracingChannel } from 'node:diagnostics_channel';

import type { Component } from '@tripline/runtime';

import type { RedisCommandEvent } from '../ports';
import { replyCodeOf } from './reply-code';

interface CommandContext {
  readonly command: string;
  readonly args?: readonly unknown[];
  readonly error?: unknown;
}

/** Blocking reads: their duration shows how long the queue was empty, not how fast Redis is. */
const BLOCKING_COMMANDS = new Set([
  'bzpopmin',
  'bzpopmax',
  'blpop',
  'brpop',
  'blmove',
  'brpoplpush',
  'xread',
  'xreadgroup',
]);
/**
 * Reports every Redis command of this process (not only those of this library) through ioredis' tracing channel: name, outcome
 * and duration, never arguments. Leaves out blocking reads and errors of normal operation (CLIENT SETINFO before Redis 7.2, a
 * script that is not cached yet).
 * @returns a function that unsubscribes
 */
export function observeRedisCommands(onCommand: (event: RedisCommandEvent) => void): () => void {
  const channel = tracingChannel<string, CommandContext>('ioredis:command');
  const startedAt = new WeakMap<CommandContext, number>();

  const report = (context: CommandContext): void => {
    const started = startedAt.get(context);
    const command = context.command.toLowerCase();
    if (started === undefined || BLOCKING_COMMANDS.has(command) || isHarmless(command, context.error)) return;
    startedAt.delete(context);
    const status = context.error === undefined ? 'success' : 'error';
    try {
      onCommand({ command, status, seconds: (performance.now() - started) / 1000 });
    } catch {
      // Recording must not break the command.
    }
  };
  const subscribers = {
    start: (context: CommandContext) => void startedAt.set(context, performance.now()),
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: report,
    error: () => undefined,
  };
  channel.subscribe(subscribers);
  return () => void channel.unsubscribe(subscribers);
}

function isHarmless(command: string, error: unknown): boolean {
  if (error === undefined) return false;
  if (command === 'client') return true;
  // The server has not cached the script yet; the client then sends the whole script.
  return replyCodeOf(error) === 'NOSCRIPT';
}

/** A component that reports the Redis commands of this process between start and stop; see `observeRedisCommands`. */
export function createRedisCommandObserver(onCommand: (event: RedisCommandEvent) => void): Component {
  let unsubscribe: (() => void) | undefined;
  return {
    name: 'redis-command-metrics',
    start() {
      unsubscribe ??= observeRedisCommands(onCommand);
      return Promise.resolve();
    },
    stop() {
      unsubscribe?.();
      unsubscribe = undefined;
      return Promise.resolve();
    },
  };
}
