import { type Clock, systemClock } from '../clock/clock';
import { TimeoutError, withTimeout } from '../timeouts/with-timeout';

/** The result of a check. */
export interface CheckResult {
  readonly ok: boolean;
  /** One sentence for people; no secrets. */
  readonly detail?: string;
}

/** Whether a component can work now. A rejection counts as not ok. */
export interface ReadinessCheck {
  readonly name: string;
  check(): CheckResult | Promise<CheckResult>;
}

/** Whether a loop is making progress: ready while progress was noted within `maxIdleMs`. */
export interface ProgressCheck extends ReadinessCheck {
  /** Notes that the loop made progress. */
  mark(): void;
  /** Milliseconds since the last progress, or since creation. */
  idleMs(): number;
}

export interface ProgressOptions {
  readonly name: string;
  readonly maxIdleMs: number;
  readonly clock?: Clock;
}

/** Creates a progress check that counts its idle time from now. */
export function createProgress({ name, maxIdleMs, clock = systemClock }: ProgressOptions): ProgressCheck {
  let markedAt = clock.monotonicMs();
  const idleMs = (): number => clock.monotonicMs() - markedAt;
  return {
    name,
    idleMs,
    mark: () => {
      markedAt = clock.monotonicMs();
    },
    check: () => {
      const idle = Math.round(idleMs());
      return { ok: idle <= maxIdleMs, detail: `last progress ${idle} ms ago, allowed ${maxIdleMs} ms` };
    },
  };
}

/** Outcome of all checks, as the health endpoints print it. */
export interface HealthReport {
  readonly status: 'ok' | 'fail';
  readonly checks: Readonly<Record<string, CheckResult & { readonly durationMs: number }>>;
}

/** Runs checks in parallel, each with a deadline; a check that throws or is late fails. */
export async function runChecks(
  checks: readonly ReadinessCheck[],
  timeoutMs: number,
  clock: Clock,
): Promise<HealthReport> {
  const entries = await Promise.all(
    checks.map(async (check) => {
      const startedAt = clock.monotonicMs();
      const result = await runCheck(check, timeoutMs);
      return [check.name, { ...result, durationMs: Math.round(clock.monotonicMs() - startedAt) }] as const;
    }),
  );
  const isOk = entries.every(([, result]) => result.ok);
  return { status: isOk ? 'ok' : 'fail', checks: Object.fromEntries(entries) };
}

async function runCheck(check: ReadinessCheck, timeoutMs: number): Promise<CheckResult> {
  try {
    return await withTimeout(check.check(), timeoutMs);
  } catch (error) {
    if (error instanceof TimeoutError) return { ok: false, detail: `no answer within ${timeoutMs} ms` };
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
