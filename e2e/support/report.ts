/** Prints a measured figure; it does not affect the result. */
export function report(line: string): void {
  process.stderr.write(`e2e: ${line}\n`);
}

/** Seconds since a `performance.now()`, one decimal. */
export function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
