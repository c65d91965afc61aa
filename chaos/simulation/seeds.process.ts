import { setPriority } from 'node:os';

import { replaySeed, runSimulation } from './simulate';

/** A separate process beside the real ones. Arguments: `<first seed> <count>`, or one `<seed>` to print its trace. */
const LOWEST_PRIORITY = 19;

async function main(): Promise<void> {
  const [from = 1, seeds] = process.argv.slice(2).map(Number);
  if (seeds === undefined) {
    const { trace, violations, hash, summary } = await replaySeed(from);
    for (const line of trace) process.stdout.write(`${line}\n`);
    process.stdout.write(`${JSON.stringify({ seed: from, hash, ...summary, violations })}\n`);
    process.exitCode = violations.length === 0 ? 0 : 1;
    return;
  }
  setPriority(LOWEST_PRIORITY);
  process.stdout.write(`${JSON.stringify(await runSimulation({ from, seeds }))}\n`);
}

void main();
