import { setTimeout as delay } from 'node:timers/promises';

import { decideRestart, type RestartPolicy } from './restart-policy';

/** Something that runs and can be started again: a service or a server. */
export interface Supervised {
  readonly name: string;
  /** For whoever wants to know more. */
  readonly logFile: string;
  pid(): number | undefined;
  /**
   * Resolves with the cause when it has ended although we did not ask for that, and with null when we did.
   * Rejects when `signal` is aborted.
   */
  untilCrash(signal: AbortSignal): Promise<string | null>;
  /**
   * Starts it again; resolves when it is ready.
   * @throws UnrecoverableError when no further try can help; any other error is one more crash, with this cause
   */
  restart(signal: AbortSignal): Promise<void>;
}

/** Starting again does not help, however often. */
export class UnrecoverableError extends Error {
  override readonly name = 'UnrecoverableError';
  readonly code = 'UNRECOVERABLE';
}

/** It crashed too often, or cannot be started again. The message is one line: name, count, last cause and log. */
export class CannotStayUpError extends Error {
  override readonly name = 'CannotStayUpError';
  readonly code = 'CANNOT_STAY_UP';
}

/** One crash. */
export interface Crash {
  readonly name: string;
  /** Of the process that died. */
  readonly pid: number | undefined;
  /** E.g. `SIGKILL` or `exit code 1 (…)`. */
  readonly cause: string;
}

export interface SuperviseOptions {
  readonly policy: RestartPolicy;
  /** Receives one line for each crash and one for each time that something is ready again. */
  readonly report: (line: string) => void;
  /** Called after a restart, with the crash it followed and the seconds since then. */
  readonly onRestarted?: (crash: Crash, seconds: number) => void;
}

/** Stands in for an orchestrator: what ends without being asked is started again. */
export interface Supervision {
  /** Oldest first. */
  readonly crashes: readonly Crash[];
  /** Launches after a crash, by name; without those that need none. */
  restarts(): Readonly<Record<string, number>>;
  /** Aborted, with a {@link CannotStayUpError} as its reason, when something cannot stay up. */
  readonly failed: AbortSignal;
  /** Ends supervision, waiting restarts included. Resolves when nothing is being started any more. */
  stop(): Promise<void>;
}

/** Watches what runs already. */
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

/** Ends when the unit was asked to end; throws when it cannot stay up or `signal` is aborted. */
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

/** Null when it is ready again, else the cause of its next crash. */
async function restartOnce(
  unit: Supervised,
  cause: string,
  crashTimes: readonly number[],
  { policy, report, restarts, signal }: Context,
): Promise<string | null> {
  const { name } = unit;
  const log = `its log: ${unit.logFile}`;
  const decision = decideRestart({ crashTimes, now: performance.now(), random: Math.random(), policy });
  if (decision.action === 'give-up') {
    const times = `it died ${decision.crashes} times in ${policy.windowMs / 1000} s`;
    throw new CannotStayUpError(`${name} cannot stay up: ${times}, the last time by ${cause}; ${log}`);
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
    if (error instanceof UnrecoverableError) throw new CannotStayUpError(`${name} cannot go on: ${message}; ${log}`);
    return message;
  }
}

/** Rejects when `signal` is aborted, and is otherwise the promise itself. */
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
