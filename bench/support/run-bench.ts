import { createOptions } from './arguments';
import type { Bench, BenchContext, BenchResult } from './bench';
import { loadOfMachine } from './machine';
import type { BenchServers } from './servers';
import { rounded } from './statistics';

/** Options of every bench. */
export const COMMON_FLAGS = {
  seconds: 'how long one measurement lasts',
  runs: 'number of measurements; the result is their median',
  write: 'write the figures into docs/performance.md',
} as const;

export interface RunOptions {
  readonly values: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  readonly servers: () => Promise<BenchServers>;
}

/** Runs one bench and cleans up after it, even if it fails or is aborted. The result's `load` is the machine's load before it. */
export async function runBench(bench: Bench, run: RunOptions): Promise<BenchResult> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const known = [...Object.keys(COMMON_FLAGS), ...Object.keys(bench.flags ?? {})];
  const context: BenchContext = {
    options: createOptions(run.values, known),
    signal: run.signal,
    report: (line) => run.report(`${bench.name}: ${line}`),
    servers: run.servers,
    onCleanup: (work) => void cleanups.unshift(work),
  };
  const load = loadOfMachine();
  const startedAt = performance.now();
  try {
    const result = await Promise.race([bench.run(context), whenAborted(run.signal)]);
    return rounded({ ...result, load, benchSeconds: (performance.now() - startedAt) / 1_000 });
  } finally {
    for (const cleanUp of cleanups) {
      await cleanUp().catch((error: unknown) => run.report(`${bench.name}: clean-up failed: ${String(error)}`));
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
