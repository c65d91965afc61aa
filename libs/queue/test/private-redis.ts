import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { testProgram } from '@tripline/testing';

/** A separate redis-server, for tests that stop it or need other settings. */
export interface PrivateRedis {
  readonly url: string;
  /** Starts again on the same port and data. */
  start(): Promise<void>;
  /** Sends SIGKILL, like a crash. */
  kill(): Promise<void>;
  /** Kills the server and removes its data. */
  remove(): Promise<void>;
}

export async function createPrivateRedis(extraArgs: readonly string[] = []): Promise<PrivateRedis> {
  const binary = redisServer();
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'queue-redis-'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(binary, [...args, ...durable, ...extraArgs], { stdio: ['ignore', 'pipe', 'ignore'] });
    child = started;
    let output = '';
    for await (const part of started.stdout) {
      output += String(part);
      if (output.includes('Ready to accept connections')) break;
    }
    if (!output.includes('Ready to accept connections')) throw new Error(`redis-server did not start: ${output}`);
  }
  async function kill(): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  }
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    async remove() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function redisServer(): string {
  const binary = testProgram('redis-server');
  if (binary === undefined) throw new Error('TRIPLINE_REDIS_SERVER is not set: run this test with npm test');
  return binary;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
