import type { StackComponent } from '../../tools/local-stack';
import { askRedis } from '../system/redis-client';
import type { TradingSystem } from '../system/trading-system';
import { between, type Lane, type LaneContext } from './lane';
import type { FaultId } from './matrix';
import { secondsUntil, untilAcked, untilDecided, untilDecisionsGrow, untilRunsEnd, wait } from './recovery';

type ServerName = 'kafka' | 'redis' | 'postgres';

/** One server fault; resolves when the server itself has recovered. */
export interface ServerFault {
  readonly fault: FaultId;
  readonly what: string;
  readonly hurt: (context: LaneContext) => Promise<void>;
}

/** Seconds from the server's return until the work that needs it resumes. */
export async function untilWorkGoesOn(system: TradingSystem, server: ServerName): Promise<number | null> {
  const from = performance.now();
  const open = await openRuns(system);
  const parts = await Promise.all([
    server === 'kafka' ? untilAcked(system, from) : 0,
    server === 'redis'
      ? untilRunsEnd(system, from)
      : untilDecisionsGrow(system, from).then(() => untilDecided(system, from)),
    // Executions open at the server's return must finish: an open one blocks its pipeline for every signal.
    untilEnded(system, open, from),
  ]);
  return parts.some((part) => part === null) ? null : Math.max(...(parts as number[]));
}

async function openRuns(system: TradingSystem): Promise<readonly string[]> {
  let ids: readonly string[] = [];
  await secondsUntil(async () => {
    const text = `SELECT id FROM executions WHERE status IN ('pending', 'running')`;
    ids = (await system.database.query<{ id: string }>({ text })).map(({ id }) => id);
    return true;
  });
  return ids;
}

async function untilEnded(system: TradingSystem, ids: readonly string[], from: number): Promise<number | null> {
  const text = 'SELECT count(*)::text AS open FROM executions WHERE id = ANY($1::uuid[]) AND finished_at IS NULL';
  return secondsUntil(async () => {
    const [row] = await system.database.query<{ open: string }>({ text }, [ids]);
    return row?.open === '0';
  }, from);
}

/** Injects server faults one after the other. Exits of our processes meanwhile count as a problem unless they are expected. */
export function serverLane(server: ServerName, faults: readonly ServerFault[]): Lane {
  return async (context) => {
    for (const { fault, what, hurt } of faults) {
      await wait(between(context.random, 200, 1_500));
      const endsBefore = unaskedEnds(context.system);
      await hurt(context);
      const recoverySeconds = await untilWorkGoesOn(context.system, server);
      const ended = unaskedEnds(context.system).slice(endsBefore.length);
      const crashed = server === 'postgres' ? ended : [];
      const problem =
        recoverySeconds === null ? 'work did not resume' : crashed.length > 0 ? `ended: ${crashed.join(', ')}` : null;
      context.log.add({ fault, what, recoverySeconds, problem });
    }
  };
}

function unaskedEnds({ processes }: TradingSystem): string[] {
  return processes.flatMap(({ name, ends }) =>
    ends.filter(({ isAsked }) => !isAsked).map(({ code, signal }) => `${name} ${signal ?? code}`),
  );
}

const serverOf = (context: LaneContext, name: ServerName) => context.system.servers.stack.component(name);

const START_DEADLINE_MS = 60_000;
const START_AGAIN_MS = 500;

/** Starts a killed server. Its leftovers (PostgreSQL's sessions) may block the start for a while. */
export async function startAgain(server: StackComponent): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      return await server.start();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(START_AGAIN_MS);
    }
  }
}

/** SIGKILL, then a restart. */
export function killed(fault: FaultId, name: ServerName, awayMs = 0): ServerFault {
  return {
    fault,
    what: `kill ${name}`,
    hurt: async (context) => {
      await serverOf(context, name).kill();
      await wait(awayMs);
      await startAgain(serverOf(context, name));
    },
  };
}

/** A clean stop, then a restart. */
export function restarted(fault: FaultId, name: ServerName): ServerFault {
  return {
    fault,
    what: `restart ${name}`,
    hurt: async (context) => {
      await serverOf(context, name).stop();
      await startAgain(serverOf(context, name));
    },
  };
}

/** SIGSTOP: connections stay open but get no answers. */
export function paused(fault: FaultId, name: ServerName, ms: number): ServerFault {
  return {
    fault,
    what: `stop ${name} for ${ms / 1000} s`,
    hurt: async (context) => {
      serverOf(context, name).pause();
      await wait(ms);
      serverOf(context, name).resume();
    },
  };
}

/** Terminates all our connections with `pg_terminate_backend`, several times. */
export function terminationStorm(times: number): ServerFault {
  return {
    fault: 'F9',
    what: `terminate all connections ${times} times`,
    hurt: async ({ system }) => {
      const text = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'tripline'`;
      for (let storm = 0; storm < times; storm += 1) {
        await system.database.query({ text }).catch(() => undefined);
        await wait(200);
      }
    },
  };
}

export const redisFlushed: ServerFault = {
  fault: 'F7',
  what: 'flush redis',
  hurt: async ({ system }) => void (await askRedis(system.servers.direct.REDIS_URL, 'FLUSHALL')),
};

/** Redis rejects writes for a while, as when it is full and must not evict. */
export function outOfMemory(ms: number): ServerFault {
  return {
    fault: 'F8',
    what: `redis out of memory for ${ms / 1000} s`,
    hurt: async ({ system }) => {
      const url = system.servers.direct.REDIS_URL;
      await askRedis(url, 'CONFIG', 'SET', 'maxmemory', '1mb');
      await wait(ms);
      await askRedis(url, 'CONFIG', 'SET', 'maxmemory', '0');
    },
  };
}
