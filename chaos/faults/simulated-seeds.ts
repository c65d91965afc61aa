import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { killOnExit } from '../../tools/local-stack';
import type { SimulationReport } from '../simulation/simulate';
import { ROOT } from '../system/servers';

/** The process that simulates; it inherits how this one reads TypeScript. */
const ENTRY = join(ROOT, 'chaos/simulation/seeds.process.ts');
const argumentsOf = (...args: readonly number[]): string[] => ['-r', '@swc-node/register', ENTRY, ...args.map(String)];

/** F23: so many simulated runs at lowest priority beside the real ones. */
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

/** One seed again, with every event on the terminal; the exit code. */
export function replaySimulatedSeed(seed: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argumentsOf(seed), { cwd: ROOT, stdio: 'inherit' });
    killOnExit(child);
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
