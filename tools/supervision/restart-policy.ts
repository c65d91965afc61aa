/** How often and how soon a crashed service is restarted. All times are in milliseconds. */
export interface RestartPolicy {
  /** After this many crashes within `windowMs` the service counts as unable to stay up. */
  readonly maxCrashes: number;
  readonly windowMs: number;
  /** Longest wait after the first crash in the window; it doubles with each further crash. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
}

export type RestartDecision =
  { readonly action: 'restart'; readonly waitMs: number } | { readonly action: 'give-up'; readonly crashes: number };

/** Policy of `npm start`: tolerates occasional kills, and gives up within seconds on a service that cannot start. */
export const DEMO_RESTART_POLICY: RestartPolicy = {
  maxCrashes: 5,
  windowMs: 60_000,
  firstWaitMs: 500,
  maxWaitMs: 8_000,
};

/** Policy of fault tests, which check for themselves how often a service may end. */
export const RESTART_AT_ONCE: RestartPolicy = { maxCrashes: Infinity, windowMs: 60_000, firstWaitMs: 0, maxWaitMs: 0 };

/**
 * Decides whether to restart after a crash. The wait has full jitter (a uniform share of the bound), so that services
 * that died together do not restart together.
 */
export function decideRestart(options: {
  /** Time of every crash so far, including the current one. */
  readonly crashTimes: readonly number[];
  /** Current time on the same clock as `crashTimes`. */
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
