import { readFileSync } from 'node:fs';

/** Process state letter from the kernel (`T` is stopped); undefined if the process is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    // The name in parentheses may contain anything, including parentheses.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
  } catch {
    return undefined;
  }
}

/** Resident memory, bytes; 0 if the process is gone. */
export function residentBytes(pid: number): number {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
