import { cpus, loadavg, totalmem } from 'node:os';

const BYTES_PER_GIB = 1_073_741_824;

/** The machine the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
}

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() || 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / BYTES_PER_GIB),
    node: process.versions.node,
  };
}

/** Processes running or waiting for a core, averaged over the last minute. */
export function loadOfMachine(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** A warning when other programs use the machine; undefined when it is quiet. */
export function loadWarning(load: number, cores: number): string | undefined {
  if (load < cores / 2) return undefined;
  return `the machine is already busy (load ${load} on ${cores} cores): only the ratios are meaningful`;
}
