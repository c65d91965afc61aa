import type { ExecutionStore, Lease } from '@tripline/persistence';

export interface LeaseKeeperOptions {
  readonly store: Pick<ExecutionStore, 'renew'>;
  readonly leaseMs: number;
  readonly monotonicMs: () => number;
  readonly onLost: (lease: Lease, error: unknown) => void;
}

/** Effects must not start with less of the lease left than this. */
const SAFETY_MS = 5_000;

/** A lease being kept alive; short runs end before it is renewed once. */
export interface KeptLease {
  /** Aborts when the lease is lost: another worker may own the run now. */
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * Renews at a third of the lease. Time is measured by the local monotonic clock from before the request that granted the
 * lease, so that a paused process knows that its lease is over before Postgres tells it.
 */
export function keepLease(lease: Lease, grantedAtMs: number, options: LeaseKeeperOptions): KeptLease {
  const controller = new AbortController();
  let goodUntilMs = grantedAtMs + options.leaseMs;
  let renewing = false;

  const lose = (error: unknown): void => {
    clearInterval(timer);
    if (controller.signal.aborted) return;
    controller.abort(error);
    options.onLost(lease, error);
  };

  const renew = async (): Promise<void> => {
    if (renewing) return;
    renewing = true;
    const askedAtMs = options.monotonicMs();
    try {
      await options.store.renew(lease, options.leaseMs);
      goodUntilMs = askedAtMs + options.leaseMs;
    } catch (error) {
      // An outage shorter than the lease is survived; a refusal or a lease that runs out is not.
      if (isRefusal(error) || options.monotonicMs() > goodUntilMs - SAFETY_MS) lose(error);
    } finally {
      renewing = false;
    }
  };

  const timer = setInterval(() => {
    if (options.monotonicMs() > goodUntilMs - SAFETY_MS)
      lose(new Error('the lease ran out before it could be renewed'));
    else void renew();
  }, options.leaseMs / 3);

  return { signal: controller.signal, release: () => clearInterval(timer) };
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'LeaseLostError';
}
