import { setTimeout as delay } from 'node:timers/promises';

import { decideRestart, type RestartPolicy } from './restart-policy';

/** A service or server that can be restarted. */
export interface Supervised {
  readonly name: string;
  /** Log file, named in error messages. */
  readonly logFile: string;
  pid(): number | undefined;
  /**
   * Resolves with the cause when the unit ended unexpectedly, and with null when we stopped it.
   * Rejects when `signal` is aborted.
   */
  untilCrash(signal: AbortSignal): Promise<string | null>;
  /**
   * Restarts it; resolves when it is ready.
   * @throws UnrecoverableError when a retry cannot help; any other error counts as one more crash with this cause
   */
  restart(signal: AbortSignal): Promise<void>;
}

/** Restarting cannot help. */
export class UnrecoverableError extends Error {
  override readonly name = 'UnrecoverableError';
  readonly code = 'UNRECOVERABLE';
}

/** The unit crashed too often or cannot be restarted. The message is one line: name, count, last cause and log. */
export class CannotStayUpError extends Error {
  override readonly name = 'CannotStayUpError';
  readonly code = 'CANNOT_STAY_UP';
}

/** One crash. */
export interface Crash {
  readonly name: string;
  /** Pid of the process that died. */
  readonly pid: number | undefined;
  /** E.g. `SIGKILL` or `exit code 1 (…)`. */
  readonly cause: string;
}

export interface SuperviseOptions {
  readonly policy: RestartPolicy;
  /** Receives one line for each crash and one for each recovery. */
  readonly report: (line: string) => void;
  /** Called after a restart, with the crash before it and the seconds since the crash. */
  readonly onRestarted?: (crash: Crash, seconds: number) => void;
}

/** Acts as an orchestrator: it restarts every unit that ends unexpectedly. */
export interface Supervision {
  /** Oldest first. */
  readonly crashes: readonly Crash[];
  /** Restarts by name; units without a restart are absent. */
  restarts(): Readonly<Record<string, number>>;
  /** Aborted with a {@link CannotStayUpError} as its reason when a unit cannot stay up. */
  readonly failed: AbortSignal;
  /** Ends supervision and cancels pending restarts. Resolves when no restart is in progress. */
  stop(): Promise<void>;
}

/** Supervises units that are already running. */
export function supervise(units: readonly Supervised[], options: SuperviseOptions): Supervision {
  const crashes: Crash[] = [];
  const restarts: Record<string, number> = {};
  const stop = new AbortController();
  const failed = new AbortController();
  const watch = async (unit: Supervised): Promise<void> => {
    try {
      await keepUp(unit, { ...options, crashes, restarts, signal: stop.signal });
    } catch (error) {
      if (!stop.signal.aborted) failed.abort(error);
    }
  };
  const watches = units.map(watch);
  return {
    crashes,
    restarts: () => restarts,
    failed: failed.signal,
    async stop() {
      stop.abort(new Error('supervision was stopped'));
      await Promise.all(watches);
    },
  };
}

interface Context extends SuperviseOptions {
  readonly crashes: Crash[];
  readonly restarts: Record<string, number>;
  readonly signal: AbortSignal;
}

/** Returns when the unit was stopped on request; throws when it cannot stay up or `signal` is aborted. */
async function keepUp(unit: Supervised, context: Context): Promise<void> {
  const { name } = unit;
  const crashTimes: number[] = [];
  for (;;) {
    let cause = await unit.untilCrash(context.signal);
    if (cause === null) return;
    const crash = { name, pid: unit.pid(), cause };
    const diedAt = performance.now();
    while (cause !== null) {
      context.crashes.push({ name, pid: unit.pid(), cause });
      crashTimes.push(performance.now());
      cause = await restartOnce(unit, cause, crashTimes, context);
    }
    const seconds = (performance.now() - diedAt) / 1000;
    context.report(
      `${name} ready again after ${seconds.toFixed(1)} s (pid ${unit.pid()}, restart ${context.restarts[name]})`,
    );
    context.onRestarted?.(crash, seconds);
  }
}

/** Null when the unit is ready again, else the cause of its next crash. */
async function restartOnce(
  unit: Supervised,
  cause: string,
  crashTimes: readonly number[],
  { policy, report, restarts, signal }: Context,
): Promise<string | null> {
  const { name } = unit;
  const log = `see ${unit.logFile}`;
  const decision = decideRestart({ crashTimes, now: performance.now(), random: Math.random(), policy });
  if (decision.action === 'give-up') {
    const times = `it died ${decision.crashes} times in ${policy.windowMs / 1000} s`;
    throw new CannotStayUpError(`${name} cannot stay up: ${times}, most recently with ${cause}; ${log}`);
  }
  const seconds = (decision.waitMs / 1000).toFixed(1);
  report(`${name} (pid ${unit.pid() ?? 'unknown'}) died: ${cause}; restarting in ${seconds} s`);
  await delay(decision.waitMs, undefined, { signal });
  restarts[name] = (restarts[name] ?? 0) + 1;
  try {
    await unit.restart(signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UnrecoverableError)
      throw new CannotStayUpError(`${name} cannot be restarted: ${message}; ${log}`);
    return message;
  }
}

/** Settles like the promise, but rejects as soon as `signal` is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
