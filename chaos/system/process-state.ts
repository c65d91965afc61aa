import { readFileSync } from 'node:fs';

/** State letter of a process as the kernel tells it (`T` is stopped); undefined when it is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    // The name in parentheses may hold anything, parentheses too.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
  } catch {
    return undefined;
  }
}

/** Resident memory, bytes; 0 when it is gone. */
export function residentBytes(pid: number): number {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
