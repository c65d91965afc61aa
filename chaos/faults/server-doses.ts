import { inOrder, type Lane } from './lane';
import type { Doses } from './matrix';
import {
  killed,
  outOfMemory,
  paused,
  redisFlushed,
  restarted,
  serverLane,
  type ServerFault,
  terminationStorm,
} from './servers';

const PAUSE_MS = 60_000;
/** How many faults of a row are one-minute pauses; each takes as long as ten other faults. */
const PAUSES = 2;

/** `count` faults: at most `rare` of the first kind, and the other kinds in turn. */
function mixed(count: number, rare: number, first: ServerFault, rest: readonly ServerFault[]): ServerFault[] {
  const rareOnes = Math.min(count > rest.length ? rare : 0, count);
  const others = Array.from({ length: count - rareOnes }, (_, index) => rest[index % rest.length] as ServerFault);
  return [...others, ...Array.from({ length: rareOnes }, () => first)];
}

/** F6 to F9 and F11: Redis and Kafka in parallel, then PostgreSQL, so that each recovery belongs to its own server. */
export function serverLanes({ F6 = 0, F7 = 0, F8 = 0, F9 = 0, F11 = 0 }: Doses): Lane[] {
  const redis = [
    ...Array.from({ length: F6 }, () => killed('F6', 'redis')),
    ...Array.from({ length: F7 }, () => redisFlushed),
    ...mixed(F8, PAUSES, paused('F8', 'redis', PAUSE_MS), [outOfMemory(5_000)]),
  ];
  const kafka = mixed(F11, PAUSES, paused('F11', 'kafka', PAUSE_MS), [
    killed('F11', 'kafka'),
    restarted('F11', 'kafka'),
  ]);
  const postgres = mixed(F9, PAUSES, paused('F9', 'postgres', PAUSE_MS), [
    killed('F9', 'postgres'),
    restarted('F9', 'postgres'),
    terminationStorm(5),
  ]);
  if (redis.length + kafka.length + postgres.length === 0) return [];
  const first: Lane = async (context) => {
    await Promise.all([serverLane('redis', redis)(context), serverLane('kafka', kafka)(context)]);
  };
  return [inOrder(first, serverLane('postgres', postgres))];
}
