import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { killOnExit } from '../../tools/local-stack';
import type { BenchContext } from './bench';
import { ROOT } from './servers';

/** A ceiling measured in its own process, like the service it is compared with. Its last output line is its result. */
export interface BareProcess<T> {
  readonly pid: number | undefined;
  /** Resolves with the result; rejects when the process fails or is stopped. */
  readonly result: Promise<T>;
  /** Resolves with the first line it prints, e.g. `ready`. */
  readonly firstLine: Promise<string>;
  send(line: string): void;
  stop(): void;
}

/** Runs `file` (below bench/) with the pinned Node; it is stopped when the bench ends. */
export function startBare<T>(context: BenchContext, file: string, args: readonly string[]): BareProcess<T> {
  const child = spawn(process.execPath, ['-r', '@swc-node/register', join(ROOT, 'bench', file), ...args], {
    cwd: ROOT,
    env: { ...process.env, SWC_NODE_PROJECT: join(ROOT, 'tsconfig.json'), KAFKAJS_NO_PARTITIONER_WARNING: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  killOnExit(child);
  let output = '';
  let onFirstLine: (line: string) => void = () => undefined;
  const firstLine = new Promise<string>((resolve) => (onFirstLine = resolve));
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('\n')) onFirstLine(output.slice(0, output.indexOf('\n')));
  });
  const result = new Promise<T>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`${file} ended with ${code ?? signal}`));
      resolve(JSON.parse(output.trim().split('\n').at(-1) ?? '') as T);
    });
  });
  // Callers that await the result still see the rejection; deliberately stopping the process is no error.
  result.catch(() => undefined);
  const stop = (): void => void (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'));
  context.onCleanup(async () => stop());
  return { pid: child.pid, result, firstLine, send: (line) => void child.stdin.write(`${line}\n`), stop };
}
