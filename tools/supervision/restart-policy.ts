/** How often and how soon something that crashed is started again. All times are in milliseconds. */
export interface RestartPolicy {
  /** This many crashes within `windowMs` mean that it cannot stay up. */
  readonly maxCrashes: number;
  readonly windowMs: number;
  /** Longest wait after the first crash of the window; it doubles with each further one. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
}

export type RestartDecision =
  { readonly action: 'restart'; readonly waitMs: number } | { readonly action: 'give-up'; readonly crashes: number };

/** Of `npm start`: bears a reader who kills a service now and then, and ends within seconds on one that cannot start. */
export const DEMO_RESTART_POLICY: RestartPolicy = {
  maxCrashes: 5,
  windowMs: 60_000,
  firstWaitMs: 500,
  maxWaitMs: 8_000,
};

/** Of fault tests, which decide by themselves how often a service may end. */
export const RESTART_AT_ONCE: RestartPolicy = { maxCrashes: Infinity, windowMs: 60_000, firstWaitMs: 0, maxWaitMs: 0 };

/**
 * Decides what follows a crash. The wait has full jitter: a uniform share of the bound, so that services that died
 * together do not start together.
 */
export function decideRestart(options: {
  /** Time of every crash so far, the present one included. */
  readonly crashTimes: readonly number[];
  /** Same clock as `crashTimes`. */
  readonly now: number;
  /** From 0 (included) to 1 (excluded). */
  readonly random: number;
  readonly policy: RestartPolicy;
}): RestartDecision {
  const { crashTimes, now, random, policy } = options;
  const crashes = crashTimes.filter((time) => time > now - policy.windowMs).length;
  if (crashes >= policy.maxCrashes) return { action: 'give-up', crashes };
  const bound = Math.min(policy.maxWaitMs, policy.firstWaitMs * 2 ** Math.max(0, crashes - 1));
  return { action: 'restart', waitMs: random * bound };
}
