import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** Copies the contents with owners and modes, which PostgreSQL requires. @throws Error on failure */
export function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync('cp', ['-a', `${from}/.`, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp -a ${from} ${to}: ${stderr}`);
}
