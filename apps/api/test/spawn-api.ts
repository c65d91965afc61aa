import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { eventually, uniqueName } from '@tripline/testing';

const ROOT = path.resolve(__dirname, '../../..');

export interface SpawnedApi {
  readonly url: string;
  readonly healthUrl: string;
  readonly process: ChildProcess;
  /** Resolves with exit code and signal. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output(): string;
  /** Stops the process in any state and removes the bundle. */
  clean(): Promise<void>;
}

/** Bundles main and preload like the image and runs them in a separate process. */
export async function spawnApi(env: Readonly<Record<string, string>>): Promise<SpawnedApi> {
  // Inside the repository, so that the bundle finds node_modules.
  const directory = path.join(ROOT, '.local', 'tmp', uniqueName('api'));
  await promisify(execFile)(
    path.join(ROOT, 'node_modules/.bin/esbuild'),
    [
      'apps/api/src/main.ts',
      'apps/api/src/instrument.ts',
      '--bundle',
      '--platform=node',
      '--packages=external',
      '--tsconfig=apps/api/tsconfig.app.json',
      `--outdir=${directory}`,
    ],
    { cwd: ROOT },
  );
  const child = spawn(process.execPath, ['-r', `${directory}/instrument.js`, `${directory}/main.js`], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const clean = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  const lineOf = (event: string) =>
    eventually(
      () => {
        const line = output.split('\n').find((text) => text.includes(`"event":"${event}"`));
        if (line === undefined) throw new Error(`no line ${event} yet:\n${output}`);
        return JSON.parse(line) as Record<string, unknown>;
      },
      { timeoutMs: 20_000 },
    );
  try {
    const { port } = await lineOf('health_server_started');
    const { url } = await lineOf('api_listening');
    return {
      url: String(url),
      healthUrl: `http://127.0.0.1:${String(port)}`,
      process: child,
      ended,
      output: () => output,
      clean,
    };
  } catch (error) {
    await clean();
    throw error;
  }
}
