import type { LinkFault } from '../proxy/tcp-proxy';
import type { LinkName } from '../system/servers';
import type { TradingSystem } from '../system/trading-system';
import { between, type Lane, type LaneContext } from './lane';
import { untilAcked, untilDecided, untilRunsEnd, wait } from './recovery';

/** A temporary link fault; `reset` has no duration. */
interface LinkTrial {
  readonly what: string;
  readonly fault: LinkFault | { readonly kind: 'reset' };
  readonly holdMs: number;
}

const KIB = 1024;
/** The twelve faults of a link in the nightly dose; a smaller dose uses the first few. */
export const LINK_TRIALS: readonly LinkTrial[] = [
  { what: 'cut for 1 s', fault: { kind: 'refuse' }, holdMs: 1_000 },
  { what: 'reset', fault: { kind: 'reset' }, holdMs: 0 },
  { what: 'black hole for 15 s', fault: { kind: 'black_hole' }, holdMs: 15_000 },
  { what: 'cut for 10 s', fault: { kind: 'refuse' }, holdMs: 10_000 },
  { what: '200 ms ± 100', fault: { kind: 'latency', ms: 100, jitterMs: 200 }, holdMs: 10_000 },
  { what: 'slices of 1 %', fault: { kind: 'slices', share: 0.01 }, holdMs: 10_000 },
  { what: '64 kB/s', fault: { kind: 'bandwidth', bytesPerSecond: 64 * KIB }, holdMs: 10_000 },
  { what: 'nothing out for 10 s', fault: { kind: 'one_way', direction: 'up' }, holdMs: 10_000 },
  { what: 'nothing in for 10 s', fault: { kind: 'one_way', direction: 'down' }, holdMs: 10_000 },
  { what: 'cut for 60 s', fault: { kind: 'refuse' }, holdMs: 60_000 },
  { what: 'cut for 1 s', fault: { kind: 'refuse' }, holdMs: 1_000 },
  { what: 'reset', fault: { kind: 'reset' }, holdMs: 0 },
];
/** Work must resume within this time after the link has recovered. */
const HANG_S = 60;

/** F13: injects each fault into each link in turn. */
export function linkLane(links: readonly LinkName[], trials: readonly LinkTrial[]): Lane {
  return async (context) => {
    for (const link of links) for (const trial of trials) await tryLink(context, link, trial);
  };
}

async function tryLink({ system, log, random }: LaneContext, link: LinkName, trial: LinkTrial): Promise<void> {
  const proxy = system.servers.links[link];
  await wait(between(random, 200, 1_000));
  if (trial.fault.kind === 'reset') proxy.reset();
  else {
    await proxy.impose(trial.fault);
    await wait(trial.holdMs);
    await proxy.heal();
  }
  const recoverySeconds = await untilItServes(system, link);
  const isSlow = recoverySeconds === null || recoverySeconds > HANG_S;
  const problem = isSlow ? 'its work did not resume within a minute' : null;
  log.add({ fault: 'F13', what: `${link}: ${trial.what}`, recoverySeconds, problem });
}

function untilItServes(system: TradingSystem, link: LinkName): Promise<number | null> {
  if (link === 'generator-kafka') return untilAcked(system);
  return link.startsWith('worker') ? untilRunsEnd(system) : untilDecided(system);
}
