import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import type { Launch, Ports, ServerRecipe } from '../types';

const CHECK_TIMEOUT_MS = 1_000;

/** Options of the local Redis. */
export interface RedisOptions {
  readonly binary: string;
  readonly dir: string;
  readonly preferredPorts: Ports;
  /** Origin of the binary, shown in the start-up line. */
  readonly origin: string;
}

/** Redis as a queue store: no eviction, append-only file with one fsync per second. */
export function createRedisRecipe(options: RedisOptions): ServerRecipe {
  const settings = {
    bind: '127.0.0.1',
    dir: options.dir,
    'maxmemory-policy': 'noeviction',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    daemonize: 'no',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return {
    component: 'redis',
    kind: 'embedded',
    label: `Redis (${options.origin})`,
    fingerprint: [options.binary, ...args].join(' '),
    preferredPorts: options.preferredPorts,
    startDeadlineMs: 20_000,
    stopDeadlineMs: 10_000,
    async prepare(): Promise<void> {
      mkdirSync(options.dir, { recursive: true });
    },
    launch: (ports: Ports): Launch => ({
      command: options.binary,
      args: ['--port', String(ports[0]), ...args],
      cwd: options.dir,
    }),
    check: (ports: Ports, pid: number) => checkRedis(ports[0] ?? 0, pid),
    address: (ports: Ports) => `redis://127.0.0.1:${ports[0]}`,
  };
}

/** Redis must report our pid. It also answers INFO while it loads the append-only file, but then says it is loading. */
function checkRedis(port: number, pid: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('INFO server\r\nPING\r\n'));
    let answer = '';
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(reason));
    };
    socket.setTimeout(CHECK_TIMEOUT_MS, () => fail(`no answer from Redis on port ${port}`));
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => reject(new Error(`Redis on port ${port} closed the connection`)));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      // PONG ends the exchange; an error (-LOADING …) ends it as well.
      const error = /^-(.*)\r\n/m.exec(answer);
      if (error) return fail(`Redis answered ${error[1]}`);
      if (!answer.endsWith('+PONG\r\n')) return;
      if (!answer.includes(`process_id:${pid}\r\n`)) return fail(`another Redis answers on port ${port}`);
      resolve();
      socket.destroy();
    });
  });
}
