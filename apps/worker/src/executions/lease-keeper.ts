import { LeaseLostError } from '@tripline/database';
import type { ExecutionStore, Lease } from '@tripline/execution-store';
import type { Component } from '@tripline/runtime';

export interface LeaseKeeperOptions {
  readonly store: Pick<ExecutionStore, 'renew'>;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  readonly monotonicMs: () => number;
  /** The renewal of a lease was refused. */
  readonly onDenied?: () => void;
  /** PostgreSQL did not answer; the leases still hold until they expire. */
  readonly onRenewalFailed: (error: unknown, leases: number) => void;
}

/** A lease that is kept alive. Short executions end before their first renewal. */
export interface HeldLease {
  /** Throws `LeaseLostError` when another worker owns the execution: later writes of this one have no effect. */
  throwIfLost(): void;
  /** Call before an effect that PostgreSQL cannot undo: renews the lease if less than `leftMs` is left. */
  ensure(leftMs: number): Promise<void>;
  /** Call before the final write: a lease that is gone is no longer reported, because the write itself detects the loss. */
  beginEnding(): void;
  release(): void;
}

export interface LeaseKeeper extends Component {
  /** `grantedAtMs`: monotonic, taken before the granting request. `onLost` is called at most once, never after the release. */
  hold(lease: Lease, grantedAtMs: number, onLost: (error: LeaseLostError) => void): HeldLease;
}

interface Entry extends Lease {
  goodUntilMs: number;
  grantedAtMs: number;
  isEnding: boolean;
  lost: LeaseLostError | null;
  readonly onLost: (error: LeaseLostError) => void;
}

/**
 * Renews all leases of the process in one statement every `renewEveryMs`. A lease never expires by the local clock: after a
 * pause the process asks PostgreSQL first, and continues if no other worker has taken over. Until the answer arrives, PostgreSQL
 * checks the lease token on every write anyway.
 */
export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { store, leaseMs, renewEveryMs, monotonicMs } = options;
  const held = new Set<Entry>();
  let timer: NodeJS.Timeout | undefined;
  let renewing: Promise<void> | undefined;

  const renew = async (entries: readonly Entry[]): Promise<void> => {
    if (entries.length === 0) return;
    const askedAtMs = monotonicMs();
    try {
      const kept = await store.renew(entries, leaseMs);
      for (const entry of entries) {
        if (kept.has(entry.executionId)) grant(entry, askedAtMs, leaseMs);
        else lose(entry);
      }
    } catch (error) {
      options.onRenewalFailed(error, entries.length);
    }
  };

  const lose = (entry: Entry): void => {
    if (entry.isEnding || entry.lost !== null || !held.delete(entry)) return;
    entry.lost = new LeaseLostError(entry.executionId);
    options.onDenied?.();
    entry.onLost(entry.lost);
  };

  const tick = (): void => {
    const now = monotonicMs();
    const due = [...held].filter((entry) => now - entry.grantedAtMs >= renewEveryMs / 2);
    renewing ??= renew(due).finally(() => (renewing = undefined));
  };

  return {
    name: 'lease-keeper',
    start() {
      timer = setInterval(tick, renewEveryMs);
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      await renewing;
    },
    hold({ executionId, leaseToken }, grantedAtMs, onLost) {
      const goodUntilMs = grantedAtMs + leaseMs;
      const entry: Entry = { executionId, leaseToken, grantedAtMs, goodUntilMs, isEnding: false, lost: null, onLost };
      held.add(entry);
      return {
        throwIfLost: () => throwIfLost(entry),
        ensure: async (leftMs) => {
          throwIfLost(entry);
          if (entry.goodUntilMs - monotonicMs() >= leftMs) return;
          await renew([entry]);
          throwIfLost(entry);
          if (entry.goodUntilMs - monotonicMs() < leftMs) throw new Error('the lease could not be renewed in time');
        },
        beginEnding: () => void (entry.isEnding = true),
        release: () => void held.delete(entry),
      };
    },
  };
}

function throwIfLost(entry: Entry): void {
  if (entry.lost !== null) throw entry.lost;
}

function grant(entry: Entry, askedAtMs: number, leaseMs: number): void {
  entry.grantedAtMs = Math.max(entry.grantedAtMs, askedAtMs);
  entry.goodUntilMs = Math.max(entry.goodUntilMs, askedAtMs + leaseMs);
}
