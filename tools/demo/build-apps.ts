import { spawn } from 'node:child_process';

import { type AppName, ROOT } from './demo-environment';

/** Builds the services for production; unchanged ones come from Nx's cache. Returns a line to print. */
export async function buildApps(apps: readonly AppName[]): Promise<string> {
  const startedAt = performance.now();
  const args = ['run-many', '-t', 'build', '-p', apps.join(','), '--output-style=static'];
  const child = spawn('nx', args, {
    cwd: ROOT,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`building the services failed:\n${output}`);
  return `${'built'.padEnd(10)} ${apps.join(', ')} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
