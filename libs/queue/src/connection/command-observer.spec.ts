import { tracingChannel } from 'node:diagnostics_channel';

import type { RedisCommandEvent } from '../ports';
import { createRedisCommandObserver, observeRedisCommands } from './command-observer';

/** Publishes a command the way ioredis does. */
const command = (name: string, error?: Error): Promise<void> =>
  tracingChannel<string, object>('ioredis:command')
    .tracePromise(() => (error === undefined ? Promise.resolve() : Promise.reject(error)), {
      command: name,
      args: ['secret'],
    })
    .catch(() => undefined);

describe('observeRedisCommands', () => {
  it('reports only name, outcome and seconds', async () => {
    const events: RedisCommandEvent[] = [];
    const unsubscribe = observeRedisCommands((event) => events.push(event));
    await command('HSET');
    await command('get', new Error('WRONGTYPE not that'));
    unsubscribe();
    await command('get');
    expect(events).toEqual([
      { command: 'hset', status: 'success', seconds: expect.any(Number) },
      { command: 'get', status: 'error', seconds: expect.any(Number) },
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('leaves out blocking reads and errors of normal operation', async () => {
    const events: RedisCommandEvent[] = [];
    const unsubscribe = observeRedisCommands((event) => events.push(event));
    await command('bzpopmin');
    await command('client', new Error("ERR Unknown subcommand 'SETINFO'"));
    await command('evalsha', Object.assign(new Error('NOSCRIPT No matching script'), { name: 'ReplyError' }));
    unsubscribe();
    expect(events).toEqual([]);
  });

  it('does not break the command when the observer throws', async () => {
    const unsubscribe = observeRedisCommands(() => {
      throw new Error('metrics are broken');
    });
    await expect(command('get')).resolves.toBeUndefined();
    unsubscribe();
  });
});

describe('createRedisCommandObserver', () => {
  it('reports each command once between start and stop, however often it is started and stopped', async () => {
    const commands: string[] = [];
    const component = createRedisCommandObserver((event) => commands.push(event.command));
    await command('before');
    await component.start();
    await component.start();
    await command('during');
    await component.stop();
    await component.stop();
    await command('after');
    expect(commands).toEqual(['during']);
  });
});
