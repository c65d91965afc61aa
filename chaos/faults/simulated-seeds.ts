import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { killOnExit } from '../../tools/local-stack';
import type { SimulationReport } from '../simulation/simulate';
import { ROOT } from '../system/servers';

/** The simulation process; it loads TypeScript as this process does. */
const ENTRY = join(ROOT, 'chaos/simulation/seeds.process.ts');
const argumentsOf = (...args: readonly number[]): string[] => ['-r', '@swc-node/register', ENTRY, ...args.map(String)];

/** F23: simulates this many seeds at lowest priority beside the real processes. */
export function simulateSeeds(from: number, seeds: number): Promise<SimulationReport> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argumentsOf(from, seeds), {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    killOnExit(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as SimulationReport);
      else reject(new Error(`the simulation ended with ${code}`));
    });
  });
}

/** Replays one seed and prints every event; returns the exit code. */
export function replaySimulatedSeed(seed: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argumentsOf(seed), { cwd: ROOT, stdio: 'inherit' });
    killOnExit(child);
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
